/**
 * The scenarios that one would fear most of people who take over, as tests that run for every desk with the whole service and all desks on at once:
 * docs/desk.md lists them. A desk's own contract is test/contract/desk-suite.ts.
 */
import { afterAll, beforeAll, describe } from '@jest/globals';
import type { DeskStaff } from '../../fakes/desks/desk-staff.js';
import { openSupportHouse, type SupportHouse } from '../../fakes/desks/support-house.js';
import { endingScenarios } from './ending.js';
import { replyingScenarios } from './replying.js';
import { LIMIT_MS, type SceneOf } from './scene.js';
import { takingScenarios } from './taking.js';
import { troubleScenarios } from './trouble.js';

export function describeDeskScenarios(name: DeskStaff['name']): void {
  describe(`at the desk: ${name}`, () => {
    let house: SupportHouse;
    beforeAll(async () => {
      house = await openSupportHouse();
    }, LIMIT_MS);
    afterAll(() => house.close());
    const scene: SceneOf = () => {
      const all = Object.values(house.desks);
      return { house, here: house.desks[name], others: all.filter((desk) => desk.name !== name), all };
    };
    takingScenarios(scene);
    replyingScenarios(scene);
    endingScenarios(scene);
    troubleScenarios(scene);
  });
}
