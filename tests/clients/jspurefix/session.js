// A session of jspurefix to the venue, driven by lines of JSON: commands on stdin, what happened on
// stdout. Knows jspurefix. Numbers stay in memory from one logon to the next: its file store writes
// them without waiting, in any order, and a logon can find old ones there.
// Usage: node session.js HOST PORT SENDER TARGET PASSWORD_VARIABLE HEARTBEAT
'use strict'

require('reflect-metadata')
const path = require('path')
const readline = require('readline')
const {
  AsciiSession, EmptyLogFactory, MemorySessionStore, SessionId, SessionLauncher
} = require('jspurefix')

const [host, port, sender, target, variable, heartbeat] = process.argv.slice(2)
const REPORT_TAGS = [11, 17, 31, 32, 37, 39, 43, 122, 150, 151, 527]

const description = {
  application: {
    type: 'initiator',
    name: 'client',
    tcp: { host, port: Number(port) },
    protocol: 'ascii',
    dictionary: path.join(path.dirname(require.resolve('jspurefix/package.json')), 'data/FIX44.xml')
  },
  Username: sender,
  Password: process.env[variable],
  EncryptMethod: 0,
  ResetSeqNumFlag: false,
  HeartBtInt: Number(heartbeat),
  SenderCompId: sender,
  TargetCompID: target,
  BeginString: 'FIX.4.4'
}
const store = new MemorySessionStore(new SessionId(description.BeginString, sender, target))

function say (what) {
  process.stdout.write(JSON.stringify(what) + '\n')
}

let client = null

class Client extends AsciiSession {
  constructor (config) {
    super(config)
    this.checkMsgIntegrity = true // unknown tags, missing ones and checksums of what comes
    client = this
  }

  enter (order) {
    this.send('D', {
      ClOrdID: order[11],
      Instrument: { Symbol: order[55] },
      Side: order[54],
      TransactTime: new Date(),
      OrderQtyData: { OrderQty: Number(order[38]) },
      OrdType: order[40],
      Price: Number(order[44]),
      TimeInForce: order[59]
    })
  }

  onApplicationMsg (msgType, view) {
    if (msgType !== '8') return
    const report = {}
    for (const tag of REPORT_TAGS) {
      const value = view.getString(tag)
      if (value !== null && value !== undefined) report[tag] = value
    }
    say({ report })
  }

  onReady () { say({ logged_on: true }) }

  onLogon () { return true }

  onStopped () {}

  onDecoded () {}

  onEncoded () {}
}

class Launcher extends SessionLauncher {
  constructor () { super(description, null, new EmptyLogFactory()) }

  makeFactory (config) {
    config.sessionStoreFactory = { create: () => store }
    return { makeSession: own => new Client(own) }
  }
}

function logOn () {
  new Launcher().run().then(() => say({ ended: '' }), error => say({ ended: String(error) }))
}

readline.createInterface({ input: process.stdin }).on('line', line => {
  const command = JSON.parse(line)
  if (command.log_on) logOn()
  else if (command.log_out) client.done()
  else client.enter(command.order)
})
