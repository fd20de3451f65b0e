/** Where the zip of an uploaded version lies. */
export const uploadedArtifactKey = (projectId: string, versionId: string) =>
  `uploads/${projectId}/${versionId}.zip`;

/** Where a build job puts its artifact: a place for these bytes alone, so that nothing ever replaces them. */
export const builtArtifactKey = (deploymentId: string, round: number, digest: string) =>
  `artifacts/${deploymentId}/build-${round}-${digest}.zip`;
