/** The channel contract for Teams: against a connector of our own that signs, checks tokens and fails, and against Microsoft's agents playground. */
import { afterAll, beforeAll, describe } from '@jest/globals';
import { encoders } from '../../channels/teams/encode.js';
import { openTeams, openTeamsPlayground, startPlayground, startTeamsPlatform } from '../fakes/teams/harness.js';
import type { Playground } from '../fakes/teams/playground.js';
import type { TeamsPlatform } from '../fakes/teams/platform.js';
import { describeChannelContract } from './channel-suite.js';

const encodedKinds = Object.keys(encoders);

describeChannelContract('teams', { encodedKinds, open: openTeams });

describe('with Microsoft’s client', () => {
  let platform: TeamsPlatform;
  let playground: Playground;
  beforeAll(async () => {
    platform = await startTeamsPlatform();
    playground = await startPlayground(platform);
  });
  afterAll(async () => {
    await playground.stop();
    await platform.close();
  });

  describeChannelContract('teams, agents playground', { encodedKinds, open: () => openTeamsPlayground(platform, playground) });
});
