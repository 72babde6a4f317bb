import { Command } from 'commander';
import { formFillCommand } from './fill.js';
import { formDiffCommand, formInspectCommand, formPreviewCommand } from './inspect.js';
import { formCheckCommand, formMapCommand } from './map.js';

/** `form`: from CBP's PDF to a checked field map, and filling it by hand. */
export function formCommand(): Command {
  return new Command('form')
    .summary("inspect, map, check and fill CBP's PDF")
    .description("Inspects, maps, checks and fills CBP's PDF form.")
    .addCommand(formInspectCommand())
    .addCommand(formMapCommand())
    .addCommand(formCheckCommand())
    .addCommand(formDiffCommand())
    .addCommand(formFillCommand())
    .addCommand(formPreviewCommand());
}
