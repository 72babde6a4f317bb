import { Command } from 'commander';
import { formAdoptCommand } from './adopt.js';
import { formFillCommand } from './fill.js';
import { formDiffCommand, formInspectCommand, formPreviewCommand } from './inspect.js';
import { formAcceptCommand, formCheckCommand, formDraftCommand } from './map.js';

/** `form`: from CBP's PDF to a checked field map, and filling it by hand. */
export function formCommand(): Command {
  return new Command('form')
    .summary("inspect, map, check, accept and fill CBP's PDF")
    .description("Inspects, maps, checks, accepts and fills CBP's PDF form.")
    .addCommand(formAdoptCommand())
    .addCommand(formInspectCommand())
    .addCommand(formDraftCommand())
    .addCommand(formCheckCommand())
    .addCommand(formAcceptCommand())
    .addCommand(formDiffCommand())
    .addCommand(formFillCommand())
    .addCommand(formPreviewCommand());
}
