/** The contract of desks for Teams, against a connector of our own. */
import { openTeamsDesk } from '../fakes/teams/desk-harness.js';
import { describeDeskContract } from './desk-suite.js';

describeDeskContract('teams', { open: openTeamsDesk });
