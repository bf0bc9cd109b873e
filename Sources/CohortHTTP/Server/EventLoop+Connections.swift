import CPlatform
import Glibc
import Synchronization

extension EventLoop {
  /// Reads and writes as long as something comes or goes, but no longer than its share.
  func serve(_ client: Client) {
    var rounds = Self.share
    while !client.isClosed, rounds > 0 {
      var hasProgressed = false
      let glance = client.connection.glance()
      if client.isReadable, glance.wantsInput {
        read(client, directly: glance.directly)
        hasProgressed = true
      }
      if !client.isClosed, client.isWritable, client.connection.glance().hasOutput {
        write(client)
        hasProgressed = true
      }
      if !hasProgressed { break }
      rounds -= 1
    }
    guard !client.isClosed else { return }
    if rounds == 0, !client.isQueued {
      client.isQueued = true
      queued.append(client.id)
    }
    if let deadline = client.connection.glance().deadline, deadline < client.alarm {
      client.alarm = deadline
      heap.insert(deadline, client.id)
    }
  }

  private func read(_ client: Client, directly wanted: Int) {
    let reading = client.socket.read(
      onto: &client.connection.body, directly: wanted, scratch: &scratch)
    clock.look()
    switch reading {
    case .bytes(let direct, let count, let isDrained):
      bytesIn += UInt64(direct + count)
      // Behind what was read may lie the end, which is not reported again.
      if isDrained && !client.isEnding { client.isReadable = false }
      let scratch = self.scratch
      change(client) {
        $0.received(directly: direct, then: scratch.span.extracting(..<count), now, self, into: &$1)
      }
    case .nothing:
      client.isReadable = false
    case .ended:
      client.isReadable = false
      change(client) { $0.peerEnded(now, self, into: &$1) }
    case .failed:
      change(client) { $0.lost(now, into: &$1) }
    }
  }

  private func write(_ client: Client) {
    let writing = client.socket.write(client.connection.outbox)
    clock.look()
    switch writing {
    case .bytes(let count, let hasRoom):
      bytesOut += UInt64(count)
      client.isWritable = hasRoom
      if count > 0 { change(client) { $0.sent(count, now, self, into: &$1) } }
    case .failed:
      change(client) { $0.lost(now, into: &$1) }
    }
  }

  /// Tells a connection what has happened, and does what follows.
  func change(_ client: Client, _ body: (inout Connection, inout [Action]) -> Void) {
    var todo = actions
    actions = []
    body(&client.connection, &todo)
    var index = 0
    while index < todo.count {
      perform(todo[index], client)
      index += 1
    }
    todo.removeAll(keepingCapacity: true)
    actions = todo
    let held = client.connection.glance().held
    if held != client.held { weigh(client, held) }
  }

  /// Counts what a connection holds now, and has it give up if that is too much for all.
  private func weigh(_ client: Client, _ held: Int) {
    let more = held - client.held
    client.held += more
    let total = shared.tally.held.add(more, ordering: .relaxed).newValue
    if more > 0, total > shared.settings.heldBytes {
      change(client) { $0.giveUp(now, self, into: &$1) }
    }
  }

  private func perform(_ action: Action, _ client: Client) {
    let id = client.id
    let mailbox = self.mailbox
    switch action {
    case .run(let turn, let request, let place, let handler):
      let exchange = exchange(id, turn)
      switch place {
      case .loop: handler(request, exchange)
      case .worker:
        if !shared.workers.run({ handler(request, exchange) }) {
          shared.tally.add(.workersBusy)
          exchange.answer(HTTPFault.workersBusy.response)
        }
      }
    case .take(let turn, let receiver, let bytes):
      shared.workers.attend {
        let response = receiver.take(bytes)
        if !mailbox.post(.taken(id, turn, receiver, response)), response == nil {
          receiver.abandon()
        }
      }
    case .finish(let turn, let receiver):
      let exchange = exchange(id, turn)
      shared.workers.attend { receiver.finish(exchange) }
    case .abandon(let receiver):
      shared.workers.attend { receiver.abandon() }
    case .pull(let turn, let source):
      shared.workers.attend {
        let part = source.next(Wake { mailbox.post(.wake(id, turn)) })
        if !mailbox.post(.gave(id, turn, source, part)) { source.end() }
      }
    case .end(let source):
      shared.workers.attend { source.end() }
    case .note(let summary):
      shared.application.note(summary)
    case .fault(let fault):
      shared.tally.add(fault)
    case .shutdown:
      client.socket.shutdown()
    case .close(let reset):
      if reset { client.socket.resetOnClose() }
      forget(client)
    }
  }

  private func exchange(_ id: ClientID, _ turn: UInt64) -> Exchange {
    Exchange { [mailbox, workers = shared.workers] response in
      if !mailbox.post(.answer(id, turn, response)),
        case .source(let source, _) = response.body
      {
        workers.attend { source.end() }
      }
    }
  }

  // MARK: - Coming and going

  /// Takes over a connection that has been accepted.
  func adopt(_ descriptor: Int32, isRefused: Bool) {
    guard stopsBy == nil, let peer = SocketAddress.peer(of: descriptor) else {
      _ = close(descriptor)
      shared.tally.open.subtract(1, ordering: .relaxed)
      return
    }
    let slot = free.popLast() ?? UInt32(clients.count)
    if Int(slot) == clients.count {
      clients.append(nil)
      generations.append(0)
    }
    let id = ClientID(slot: slot, generation: generations[Int(slot)])
    let connection = Connection(peer: peer, settings: shared.settings.connection, at: now)
    let client = Client(id, descriptor, connection)
    clients[Int(slot)] = client
    guard poller.addConnection(descriptor, id.token) else {
      forget(client)
      return
    }
    if isRefused { change(client) { $0.refuse(now, self, into: &$1) } }
    serve(client)
  }

  /// Lets go of a client, and so closes its socket.
  private func forget(_ client: Client) {
    guard !client.isClosed else { return }
    client.isClosed = true
    let slot = Int(client.id.slot)
    clients[slot] = nil
    // The last generation but one: tokens of the loop itself have the last.
    generations[slot] = (generations[slot] + 1) % (UInt32.max - 1)
    free.append(client.id.slot)
    shared.tally.open.subtract(1, ordering: .relaxed)
    if acceptsFrom != nil { acceptsFrom = now.microseconds }
  }
}
