import { patchProject } from './change.ts';
import { postProject } from './create.ts';
import { deleteProjectRoute } from './delete.ts';
import { getProjects } from './list.ts';
import { getProject } from './read.ts';

export const projectRoutes = [postProject, getProjects, getProject, patchProject, deleteProjectRoute];
