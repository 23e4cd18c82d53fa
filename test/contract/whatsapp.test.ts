/** The channel contract for WhatsApp's Cloud API, against the emulated Graph API. */
import { encoders } from '../../channels/whatsapp-cloud/encode.js';
import { openWhatsApp } from '../fakes/whatsapp/harness.js';
import { describeChannelContract } from './channel-suite.js';

describeChannelContract('whatsapp', { encodedKinds: Object.keys(encoders), open: () => openWhatsApp() });
