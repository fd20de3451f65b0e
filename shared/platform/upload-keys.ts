/** Where the zip of an uploaded version lies. */
export const uploadedArtifactKey = (projectId: string, versionId: string) =>
  `uploads/${projectId}/${versionId}.zip`;

/** Where a build job puts its artifact: one place a round, so that a repeated upload replaces only itself. */
export const builtArtifactKey = (deploymentId: string, round: number) =>
  `artifacts/${deploymentId}/build-${round}.zip`;
