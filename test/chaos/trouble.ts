/** Does to the processes what the plan says, when it says so. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Fault } from './plan.js';
import { type ChaosService } from './service.js';

export interface Inflicted {
  readonly kills: number;
  readonly freezes: number;
  readonly databaseStops: number;
}

/** Resolves once all of it is done and undone. */
export async function inflict(faults: readonly Fault[], service: ChaosService, say: (line: string) => void): Promise<Inflicted> {
  const began = performance.now();
  const at = () => `${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s `;
  const counts = { kills: 0, freezes: 0, databaseStops: 0 };

  const doOne = async (fault: Fault): Promise<void> => {
    await sleep(Math.max(0, began + fault.atMs - performance.now()));
    if (fault.kind === 'database') return stopDatabase(fault);
    const instance = service.instances[fault.instance];
    if (instance === undefined) return;
    if (fault.kind === 'kill') {
      say(`${at()} SIGKILL ${instance.name}${instance.up() ? '' : ', which is starting'}`);
      await instance.kill();
      counts.kills += 1;
      return;
    }
    // One that is not at work has no lease to lose.
    await instance.readyNow();
    say(`${at()} SIGSTOP ${instance.name} for ${(fault.forMs / 1000).toFixed(1)} s`);
    instance.freeze();
    await sleep(fault.forMs);
    say(`${at()} SIGCONT ${instance.name}`);
    instance.thaw();
    counts.freezes += 1;
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
