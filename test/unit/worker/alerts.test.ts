import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { METRICS } from '../../../src/worker/metrics.js';
import type { Attention } from '../../../src/workflows/contract/progress.js';
import { ATTENTION_HELP } from '../../../src/workflows/contract/tasks.js';

interface Rule {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string; runbook: string };
}

const rules = (parse(readFileSync('ops/alerts.yml', 'utf8')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);
const runbook = readFileSync('docs/runbook.md', 'utf8');
const entries = [...runbook.matchAll(/^## (\S+)$/gm)].map(([, name = '']) => name);

/** The metric of Prometheus for failed scrapes, and the engine's metrics, which we have no list of. */
const NOT_OURS = ['up', 'temporal_workflow_task_execution_failed'];

describe('alert rules', () => {
  test('each have one entry in the runbook, and each entry has an alert', () => {
    expect(entries.sort()).toEqual(rules.map(({ alert }) => alert).sort());
  });

  test.each(rules.map((rule) => [rule.alert, rule] as const))('%s uses only metrics that exist', (name, rule) => {
    const asked = [...rule.expr.matchAll(/\b(ace_onboarding_\w+|temporal_\w+|up)\b/g)].map(([, metric = '']) => metric);
    expect(asked.length).toBeGreaterThan(0);
    for (const metric of asked) expect([...Object.keys(METRICS), ...NOT_OURS]).toContain(metric);
    expect(rule.annotations.runbook).toBe(`docs/runbook.md#${name.toLowerCase()}`);
    expect(['page', 'ticket']).toContain(rule.labels.severity);
  });

  test('use only reasons and labels that workers report', () => {
    for (const { expr } of rules) {
      for (const [, metric = '', inside = ''] of expr.matchAll(/(ace_onboarding_\w+)\{([^}]*)\}/g)) {
        const labels: readonly string[] = METRICS[metric as keyof typeof METRICS].labels;
        for (const [, label = '', values = ''] of inside.matchAll(/(\w+)=~?"([^"]*)"/g)) {
          expect(labels).toContain(label);
          if (label === 'reason')
            for (const reason of values.split('|')) expect(ATTENTION_HELP[reason as Attention]).toBeDefined();
        }
      }
    }
  });

  test('have only existing commands in the runbook', async () => {
    const { commands } = await import('../../../src/cli/main.js');
    const known = (await commands(undefined)).map((one) => one.name());
    for (const [, command = ''] of runbook.matchAll(/ace-onboarding ([a-z-]+)/g)) expect(known).toContain(command);
  });
});
