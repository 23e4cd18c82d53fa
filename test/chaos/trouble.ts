/** Does to the processes what the plan says, when it says so. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Fault } from './plan.js';
import { type Program } from './processes.js';
import { type ChaosService } from './service.js';

const LOOK_MS = 20;

export interface Inflicted {
  readonly kills: number;
  readonly freezes: number;
  readonly databaseStops: number;
}

/** Resolves once all of it is done and undone. `progress`: the share of the messages that were acknowledged. */
export async function inflict(
  faults: readonly Fault[],
  service: ChaosService,
  { progress, say }: { progress: () => number; say: (line: string) => void },
): Promise<Inflicted> {
  const began = performance.now();
  const at = () => `${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s `;
  const counts = { kills: 0, freezes: 0, databaseStops: 0 };
  const frozen = new Set<Program>();
  let killing = Promise.resolve();

  const doOne = async (fault: Fault): Promise<void> => {
    while (progress() < fault.at) await sleep(LOOK_MS);
    if (fault.kind === 'database') return stopDatabase(fault);
    if (fault.kind === 'kill') {
      // One after the other: a kill of what is dead already would be none.
      killing = killing.then(() => kill(fault));
      return killing;
    }
    const instance = service.instances[fault.instance];
    if (instance === undefined) return;
    // One that is not at work has no lease to lose.
    await instance.readyNow();
    say(`${at()} SIGSTOP ${instance.name} for ${(fault.forMs / 1000).toFixed(1)} s`);
    frozen.add(instance);
    instance.freeze();
    await sleep(fault.forMs);
    say(`${at()} SIGCONT ${instance.name}`);
    instance.thaw();
    frozen.delete(instance);
    counts.freezes += 1;
  };

  const kill = async (fault: Extract<Fault, { kind: 'kill' }>): Promise<void> => {
    const { instances } = service;
    const choice = [...instances.slice(fault.instance), ...instances.slice(0, fault.instance)];
    const find = () => choice.find((instance) => !frozen.has(instance) && (fault.evenStarting || instance.up()));
    let victim = find();
    while (victim === undefined) {
      await sleep(LOOK_MS);
      victim = find();
    }
    say(`${at()} SIGKILL ${victim.name}${victim.up() ? '' : ', which is starting'}`);
    await victim.kill();
    counts.kills += 1;
  };

  const stopDatabase = async ({ how, forMs }: Extract<Fault, { kind: 'database' }>): Promise<void> => {
    const { database } = service;
    if (database === null) return;
    say(`${at()} ${how} ${database.name} for ${(forMs / 1000).toFixed(1)} s`);
    if (how === 'SIGKILL') {
      await database.kill(forMs);
      await database.readyNow();
    } else {
      database.freeze();
      await sleep(forMs);
      database.thaw();
    }
    say(`${at()} ${database.name} is back`);
    counts.databaseStops += 1;
  };

  await Promise.all(faults.map(doOne));
  return counts;
}
