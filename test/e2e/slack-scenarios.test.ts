/** The scenarios of people who take over, at the desk in slack. */
import { describeDeskScenarios } from '../contract/desk-scenarios/index.js';

describeDeskScenarios('slack');
