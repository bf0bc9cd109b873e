import CPlatform
import Glibc
import Synchronization

/// What the loops of a server share.
struct Shared: Sendable {
  let application: any Application
  let settings: HTTPSettings
  let tally: Tally
  let workers: Workers
  let mailboxes: [Mailbox]
}

/// Serves its share of the connections, on one thread.
///
/// It decides nothing: it feeds what happens into ``Connection`` and carries out the actions.
/// Events are reported once each time something becomes possible; what has not been used up is
/// remembered in the client, so that pausing and going on cost no system call.
final class EventLoop: Desk {
  static let callToken = UInt64.max
  static let listenerToken = UInt64.max - 1
  static let scratchSize = 65_536
  /// Rounds of reading and writing before others have their turn.
  static let share = 16

  let shared: Shared
  let index: Int
  let mailbox: Mailbox
  var poller: Poller
  var clock = Clock()
  var scratch = [UInt8](repeating: 0, count: EventLoop.scratchSize)
  var clients: [Client?] = []
  var generations: [UInt32] = []
  var free: [UInt32] = []
  var heap = DeadlineHeap()
  var queued: [ClientID] = []
  var actions: [Action] = []
  var listeners: [Int32] = []
  /// In microseconds: when accepting is tried again.
  var acceptsFrom: Int64?
  var nextLoop = 0
  /// In microseconds: when the last connection is closed, whatever it does.
  var stopsBy: Int64?
  var bytesIn: UInt64 = 0
  var bytesOut: UInt64 = 0

  init(_ index: Int, _ shared: Shared, _ poller: consuming Poller) {
    self.index = index
    self.shared = shared
    self.mailbox = shared.mailboxes[index]
    self.poller = poller
    // It fails only for want of memory; the loop then looks after its mail all the same, within a
    // minute.
    _ = self.poller.add(mailbox.descriptor, Self.callToken)
  }

  var now: Now { clock.now }

  func run() {
    while !isOver {
      let mayWait = queued.isEmpty && mailbox.fallAsleep()
      let count = poller.wait(milliseconds: mayWait ? timeout : 0)
      if mayWait { mailbox.wakeUp() }
      clock.look()
      for event in 0..<count { handle(poller[event]) }
      serveQueued()
      readMail()
      ringAlarms()
      tellTally()
    }
    leave()
  }

  private var isOver: Bool {
    guard let stopsBy else { return false }
    return stopsBy <= now.microseconds || clients.count == free.count
  }

  /// In milliseconds, rounded up, so that nobody is woken too early again and again.
  private var timeout: Int32 {
    var first = heap.first ?? .max
    if let acceptsFrom { first = min(first, acceptsFrom) }
    if let stopsBy { first = min(first, stopsBy) }
    guard first != .max else { return 60_000 }
    return Int32(min(60_000, max(0, first - Clock.microseconds() + 999) / 1_000))
  }

  private func handle(_ event: Poller.Event) {
    if event.token == Self.callToken {
      mailbox.answerCall()
      return
    }
    if event.token == Self.listenerToken {
      accept()
      return
    }
    guard let client = client(ClientID(token: event.token)) else { return }
    if event.isWritable { client.isWritable = true }
    if event.isReadable { client.isReadable = true }
    if event.isEnding {
      client.isReadable = true
      client.isEnding = true
    }
    if event.isLost {
      change(client) { $0.lost(now, into: &$1) }
    } else {
      serve(client)
    }
  }

  func client(_ id: ClientID) -> Client? {
    let slot = Int(id.slot)
    guard slot < clients.count, let client = clients[slot], client.id == id else { return nil }
    return client
  }

  private func serveQueued() {
    guard !queued.isEmpty else { return }
    let ids = queued
    queued = []
    for id in ids {
      guard let client = client(id) else { continue }
      client.isQueued = false
      serve(client)
    }
  }

  private func ringAlarms() {
    while let entry = heap.next(by: now.microseconds) {
      guard let client = client(entry.id), client.alarm == entry.time else { continue }
      client.alarm = .max
      if let deadline = client.connection.glance().deadline, deadline <= now.microseconds {
        change(client) { $0.timePassed(now, self, into: &$1) }
      }
      serve(client)
    }
    if let acceptsFrom, acceptsFrom <= now.microseconds { resumeAccepting() }
  }

  private func tellTally() {
    if bytesIn > 0 { shared.tally.bytesIn.add(bytesIn, ordering: .relaxed) }
    if bytesOut > 0 { shared.tally.bytesOut.add(bytesOut, ordering: .relaxed) }
    bytesIn = 0
    bytesOut = 0
  }

  // MARK: - Desk

  func number() -> UInt64 {
    shared.tally.requests.add(1, ordering: .relaxed).newValue
  }

  func plan(_ head: RequestHead) -> Plan { shared.application.plan(head) }

  // MARK: - The end

  /// Closes what is left, and reads the mail for the last time.
  private func leave() {
    for listener in listeners { _ = close(listener) }
    listeners = []
    for client in clients {
      if let client { change(client) { $0.lost(now, into: &$1) } }
    }
    for mail in mailbox.close() { read(mail) }
    tellTally()
  }
}
