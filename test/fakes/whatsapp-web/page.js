/**
 * A page that offers what whatsapp-web.js takes from WhatsApp Web's: its modules behind `window.require`, a link that is kept in IndexedDB, chats, and a
 * server that the test speaks through (web-page.ts). Only what this channel uses of the library is here.
 */
/* global window, fetch, indexedDB, location, btoa */
(() => {
  const emitter = () => {
    const listeners = new Map();
    return {
      on: (names, listener) => names.split(' ').forEach((name) => listeners.set(name, [...(listeners.get(name) ?? []), listener])),
      off: (name, listener) =>
        listeners.set(
          name,
          (listeners.get(name) ?? []).filter((known) => known !== listener),
        ),
      emit: (name, ...args) => (listeners.get(name) ?? []).forEach((listener) => listener(...args)),
    };
  };
  const tell = async (told) => (await fetch('/told', { method: 'POST', body: JSON.stringify(told) })).json();

  const wid = (id) => {
    const [user, server] = id.split('@');
    return {
      user,
      server,
      _serialized: id,
      isGroup: () => server === 'g.us',
      isLid: () => server === 'lid',
      isUser: () => server === 'c.us' || server === 'lid',
      isStatus: () => server === 'broadcast',
      toJSON: () => ({ user, server, _serialized: id }),
    };
  };
  const OWN = wid('34911222333@c.us');
  const OWN_LID = wid('111222333444@lid');

  // --- the link, as the browser keeps it ---
  const database = new Promise((resolve, reject) => {
    const opening = indexedDB.open('wawc', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore('user');
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  const inStore = async (mode, act) => {
    const transaction = (await database).transaction('user', mode, { durability: 'strict' });
    const request = act(transaction.objectStore('user'));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = () => reject(transaction.error);
    });
  };

  const socketEvents = emitter();
  const Socket = {
    state: 'OPENING',
    hasSynced: false,
    on(name, listener) {
      socketEvents.on(name, listener);
      if (name === 'change:hasSynced' && Socket.state === 'CONNECTED') setTimeout(synced, 50);
    },
    off: socketEvents.off,
    async logout() {
      await inStore('readwrite', (store) => store.delete('linked'));
      await tell({ kind: 'logged-out' });
      Cmd.emit('logout');
      location.assign('/?post_logout=1');
    },
  };
  const setState = (state) => {
    Socket.state = state;
    socketEvents.emit('change:state', Socket, state);
  };
  const synced = () => {
    Socket.hasSynced = true;
    socketEvents.emit('change:hasSynced');
  };
  const Cmd = emitter();
  const connEvents = emitter();
  const Conn = { ref: '2@first', platform: 'android', on: connEvents.on, serialize: () => ({ pushname: 'Parley', platform: 'android' }) };

  // --- chats and messages ---
  const msgEvents = emitter();
  const messages = new Map();
  const chats = new Map();
  class Message {
    constructor(fields) {
      Object.assign(this, fields);
      this.mediaData = { mediaStage: 'RESOLVED' };
    }
    serialize() {
      const fields = Object.entries(this).filter(
        ([name, value]) => name !== 'mediaData' && name !== 'mediaBlob' && typeof value !== 'function',
      );
      return JSON.parse(JSON.stringify(Object.fromEntries(fields)));
    }
  }
  const chatOf = (id) => {
    if (!chats.has(id)) {
      const own = () => [...messages.values()].filter((message) => message.id.remote._serialized === id);
      const chat = { id: wid(id), t: 0, msgs: { getModelsArray: own }, serialize: () => ({ id: wid(id), t: chat.t, unreadCount: 0 }) };
      chats.set(id, chat);
    }
    return chats.get(id);
  };
  const keep = (fields) => {
    const message = new Message({ ...fields, id: { ...fields.id, remote: wid(fields.id.remote) } });
    messages.set(message.id._serialized, message);
    chatOf(message.id.remote._serialized).t = message.t;
    return message;
  };
  class MsgKey {
    static newId = async () => `3EB0${Math.random().toString(16).slice(2).toUpperCase()}`;
    constructor({ to, id, participant }) {
      this.fromMe = true;
      this.remote = to;
      this.id = id;
      this._serialized = `true_${to._serialized}_${id}${participant === undefined ? '' : `_${participant._serialized}`}`;
    }
  }
  const sendToChat = async (message) => {
    const kept = new Message(message);
    messages.set(kept.id._serialized, kept);
    const { type, body, caption, filename, mimetype } = message;
    const sent = { kind: 'sent', chatId: message.to._serialized, id: kept.id._serialized, type, body, caption, filename, mimetype };
    const { fault } = await tell(sent);
    if (fault === 'cut') throw new Error('Execution context was destroyed');
    kept.ack = fault === 'failed' ? -1 : 1;
    msgEvents.emit('add', kept);
    msgEvents.emit('change:ack', kept, kept.ack);
  };
  class OpaqueData {
    static createFromData = async (file) => Object.assign(new OpaqueData(), { file });
    url = () => 'blob:none';
    autorelease = () => undefined;
    formData = () => this.file;
  }
  const nothing = () => undefined;
  const modules = {
    WAWebSocketModel: { Socket },
    WAWebCmd: { Cmd },
    WAWebConnModel: { Conn },
    WAWebOfflineHandler: { OfflineMessageHandler: { getOfflineDeliveryProgress: () => 100 } },
    WAWebAltDeviceLinkingApi: {
      setPairingType: nothing,
      initializeAltDeviceLinking: async () => undefined,
      startAltLinkingFlow: async (phone) => (await tell({ kind: 'pairing', phone }), 'ABCD2345'),
    },
    WABase64: { encodeB64: (bytes) => btoa(String.fromCharCode(...bytes)) },
    WAWebCompanionRegClientUtils: { DEVICE_PLATFORM: '1' },
    WAWebAdvSignatureApi: {},
    WAWebUserPrefsInfoStore: { waNoiseInfo: { get: async () => ({ staticKeyPair: { pubKey: [1, 2, 3] } }) } },
    WAWebSignalStoreApi: { waSignalStore: { getRegistrationInfo: async () => ({ identityKeyPair: { pubKey: [4, 5, 6] } }) } },
    WAWebUserPrefsMultiDevice: { getADVSecretKey: () => 'adv' },
    WAWebUserPrefsMeUser: { getMaybeMePnUser: () => OWN, getMaybeMeLidUser: () => OWN_LID },
    WAWebCollections: {
      Msg: {
        on(names, listener) {
          msgEvents.on(names, listener);
          if (names === 'add') void tell({ kind: 'listening' });
        },
        get: (id) => messages.get(id),
        getMessagesById: async () => ({ messages: [] }),
      },
      Chat: { on: nothing, get: ({ _serialized }) => chats.get(_serialized), getModelsArray: () => [...chats.values()] },
    },
    WAWebSyncGatingUtils: {},
    WAWebCallCollection: {},
    WALinkify: { findLink: () => null, findLinks: () => [] },
    WAWebWidFactory: { createWid: wid, asUserWidOrThrow: (id) => id },
    WAWebFindChatAction: {
      findOrCreateLatestChat: async ({ _serialized }) => {
        if (_serialized.startsWith('000')) throw new Error('No LID for user');
        return { chat: chatOf(_serialized) };
      },
    },
    WAWebChatGetters: { getIsNewsletter: () => false, getIsBroadcast: () => false },
    WAWebMsgKey: MsgKey,
    WAWebGetEphemeralFieldsMsgActionsUtils: { getEphemeralFields: () => ({}) },
    WAWebSendMsgChatAction: { addAndSendMsgToChat: (_chat, message) => [Promise.resolve(), sendToChat(message)] },
    WAWebChatLoadMessages: { loadEarlierMsgs: async () => [] },
    WAWebStreamModel: { Stream: { markAvailable: nothing, markUnavailable: nothing } },
    WAWebUpdateUnreadChatAction: { sendSeen: async ({ chat }) => tell({ kind: 'seen', chatId: chat.id._serialized }) },
    WAWebChatStateBridge: {
      sendChatStateComposing: (id) => tell({ kind: 'typing', chatId: id._serialized }),
      sendChatStatePaused: nothing,
    },
    WAWebSendReactionMsgAction: { sendReactionToMsg: (message, emoji) => tell({ kind: 'reaction', id: message.id._serialized, emoji }) },
    WAWebDownloadManager: {
      downloadManager: { downloadAndMaybeDecrypt: async ({ directPath }) => (await fetch(directPath)).arrayBuffer() },
    },
    WAWebMsgActionCapability: { canEditText: () => true, canEditCaption: () => false },
    WAWebSendMessageEditAction: { sendMessageEdit: async (message, text) => tell({ kind: 'edited', id: message.id._serialized, text }) },
    WAWebMediaOpaqueData: OpaqueData,
    WAWebPrepRawMedia: {
      prepRawMedia: (opaque, { asDocument }) => ({
        waitForPrep: async () => ({
          type: asDocument ? 'document' : 'image',
          mimetype: opaque.file.type,
          filename: opaque.file.name,
          filehash: 'hash',
          mediaBlob: opaque,
          set(fields) {
            Object.assign(this, fields);
          },
          toJSON: () => ({}),
        }),
      }),
    },
    WAWebMediaStorage: {
      getOrCreateMediaObject: () => ({ contentInfo: {}, filehash: 'hash', type: 'document', size: 1, consolidate: nothing }),
    },
    WAWebMmsMediaTypes: { msgToMediaType: () => 'document', castToV4: (type) => type },
    WAWebMediaDataUtils: { shouldUseMediaCache: () => false },
    WAWebMediaMmsV4Upload: { uploadMedia: async () => ({ mediaEntry: { mmsUrl: 'https://mmg.whatsapp.net/x', directPath: '/x' } }) },
  };
  window.Debug = { VERSION: '2.3000.1' };
  window.require = (name) => {
    if (!(name in modules)) throw new Error(`module ${name} is not here`);
    return modules[name];
  };

  // --- what the test says ---
  const connect = async () => {
    for (const fields of await (await fetch('/messages')).json()) keep(fields);
    setState('CONNECTED');
    setTimeout(synced, 50);
  };
  const orders = {
    async scan() {
      await inStore('readwrite', (store) => store.put(true, 'linked'));
      await connect();
    },
    newCode() {
      Conn.ref = '2@second';
      connEvents.emit('change:ref', Conn, Conn.ref);
    },
    receive: ({ message }) => msgEvents.emit('add', keep(message)),
    state: ({ state }) => setState(state),
    unlink: () => Socket.logout(),
  };
  const obey = async ({ load, next }) => {
    for (let from = next; ;) {
      const response = await fetch(`/orders?from=${from}&load=${load}`);
      if (response.status !== 200) continue;
      const order = await response.json();
      await orders[order.do](order);
      if (order.state === 'CONFLICT') return;
      from += 1;
    }
  };
  const start = async () => {
    const situation = await (await fetch('/situation')).json();
    const linked = situation.linked || (await inStore('readonly', (store) => store.get('linked'))) === true;
    if (linked) await connect();
    else setState('UNPAIRED');
    obey(situation).catch(nothing);
  };
  void start();
})();
