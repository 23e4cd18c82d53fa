/** The scenarios of people who take over, at the desk in inbox. */
import { describeDeskScenarios } from '../contract/desk-scenarios/index.js';

describeDeskScenarios('inbox');
