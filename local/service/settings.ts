/**
 * The settings of the CDK app here (infra/settings.ts): the same that an operator on AWS may set. They hold no
 * value that changes from run to run unless a port had to, so that a warm start finds everything deployed.
 */
export function settingsOf(endpoint: string, edgeAdminUrl: string): Record<string, string> {
  return {
    executeApiBase: `${endpoint}/_aws/execute-api`,
    // Sites, health checks and webhooks of this machine; not what needs root to listen.
    privateHosts: JSON.stringify(['127.0.0.1:1024-65535', 'localhost:1024-65535']),
    defaultRunner: 'agent',
    // Each is a process of this machine.
    waiters: '8',
    siteHosting: JSON.stringify({ kind: 'edge', adminUrl: edgeAdminUrl }),
  };
}
