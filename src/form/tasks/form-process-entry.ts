import { runSandbox } from '../../process/sandbox.js';
import { FORM_TASKS } from './form-tasks.js';

runSandbox(FORM_TASKS);
