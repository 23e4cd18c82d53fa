/** The channel contract for WhatsApp Web, against a fake browser. test/e2e/whatsapp-web.test.ts has the real one. */
import { encoders } from '../../channels/whatsapp-web/encode.js';
import { openWhatsAppWeb } from '../fakes/whatsapp-web/harness.js';
import { describeChannelContract } from './channel-suite.js';

describeChannelContract('whatsapp-web', { encodedKinds: Object.keys(encoders), open: () => openWhatsAppWeb() });
