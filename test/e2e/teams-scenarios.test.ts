/** The scenarios of people who take over, at the desk in teams. */
import { describeDeskScenarios } from '../contract/desk-scenarios/index.js';

describeDeskScenarios('teams');
