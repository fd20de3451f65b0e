/** Where the zip of an uploaded version lies. */
export const uploadedArtifactKey = (projectId: string, versionId: string) =>
  `uploads/${projectId}/${versionId}.zip`;
