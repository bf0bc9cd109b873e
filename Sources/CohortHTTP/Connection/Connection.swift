/// One connection: a state machine without a socket.
///
/// ```
///            received ─▶ head ─▶ plan ─┬▶ gathering ─▶ run ──╮
///                         ▲            ├▶ receiving ─▶ take … finish
///                         │            ╰▶ answer ─▶ skipping │
///                         ╰───────── the body's end ─────────┤
///  outbox ─▶ sent ─▶ note        turns, in the order of their requests ◀─ answered, gave
/// ```
/// Whoever owns it feeds it with what happens and carries out the actions, in their order. It never
/// asks for the time and never waits.
///
/// Invariants:
/// - `turns[..<written]` are leaving, and nothing behind them is in the outbox but
///   `turns[written]`.
/// - Bytes are in `backlog` only while no request may begin, or a receiver is slow: nothing is read
///   from the socket then.
/// - An idle connection holds no memory but this.
struct Connection {
  enum Input {
    case head
    case gathering
    case receiving
    /// The body of a request that is answered; so many bytes more are read.
    case skipping(Int)
    /// Everything that comes is thrown away, so that the client gets to read its answer.
    case discarding
    case ended
  }

  enum BodyFraming {
    case length(UInt64)
    case chunked(ChunkedDecoder)
  }

  let peer: Peer
  let settings: ConnectionSettings
  var outbox = Outbox()
  var input = Input.head
  var parser = RequestParser()
  var framing = BodyFraming.length(0)
  /// What has come of the body, and is not handed on.
  var body: [UInt8] = []
  var gathering: Gathering?
  var intake: Intake?
  var stream: Stream?
  var turns: [Turn] = []
  var written = 0
  var nextTurn: UInt64 = 0
  /// All bytes that have left.
  var sentTotal: UInt64 = 0
  var backlog: [UInt8] = []
  var backlogStart = 0
  var discarded = 0

  var isStopping = false
  var peerHasEnded = false
  /// Whether the last answer has been written.
  var isLast = false
  var isShut = false
  var isClosed = false

  // In microseconds.
  var headBegan: Int64 = 0
  var idleSince: Int64
  var bodySince: Int64 = 0
  var bodyProgress = 0
  var writeSince: Int64 = 0
  var writeProgress = 0
  var shutSince: Int64 = 0
  /// When the last bytes came that were thrown away.
  var discardedAt: Int64 = 0

  init(peer: Peer, settings: ConnectionSettings, at now: Now) {
    self.peer = peer
    self.settings = settings
    self.idleSince = now.microseconds
  }

  /// Whether bytes are to be read from the socket.
  var wantsInput: Bool {
    guard !isClosed, !peerHasEnded, backlogStart == backlog.count else { return false }
    return switch input {
    case .head: parser.isInside || mayBegin
    case .receiving: hasRoom
    case .gathering, .skipping, .discarding: true
    case .ended: false
    }
  }

  /// Whether the next request may begin.
  var mayBegin: Bool {
    !isStopping && turns.count < settings.pipelined && outbox.count < settings.unsentBytes
  }

  /// Whether more can be taken for the receiver.
  var hasRoom: Bool {
    guard let intake else { return false }
    return !intake.isWhole && body.count < settings.receiverBytes
  }

  /// Whether nobody has asked anything that is not answered.
  var isIdle: Bool { turns.isEmpty && outbox.isEmpty && !parser.isInside }

  /// What a loop wants to know after each step.
  struct Glance {
    let wantsInput: Bool
    let hasOutput: Bool
    let directly: Int
    let deadline: Int64?
    let held: Int
  }

  /// Looks at all of it at once.
  ///
  /// Mutating, though it changes nothing: what is asked of a property of a class is asked of a
  /// copy, with all its references counted; what may change it works in place.
  mutating func glance() -> Glance {
    Glance(
      wantsInput: wantsInput, hasOutput: !outbox.isEmpty, directly: directly, deadline: deadline,
      held: held)
  }

  /// Bytes that have come and are not handed on.
  var held: Int { body.count + backlog.count }

  // MARK: - What happens

  /// Gives up a body that is being gathered: all connections together hold too much.
  mutating func giveUp(_ now: Now, _ desk: some Desk, into actions: inout [Action]) {
    guard case .gathering = input else { return }
    refuse(.tooMuchAtOnce, now, into: &actions)
    settle(now, desk, into: &actions)
  }

  /// Refuses the connection itself, with an answer to a request that has not been read.
  mutating func refuse(_ now: Now, _ desk: some Desk, into actions: inout [Action]) {
    refuse(.tooManyConnections, now, into: &actions)
    settle(now, desk, into: &actions)
  }

  /// Ends when what has begun is answered.
  mutating func stop(_ now: Now, _ desk: some Desk, into actions: inout [Action]) {
    isStopping = true
    settle(now, desk, into: &actions)
  }

  /// Takes an answer; one that comes too late counts for nothing.
  mutating func answered(
    _ id: UInt64, with response: Response, _ now: Now, _ desk: some Desk,
    into actions: inout [Action]
  ) {
    guard !isClosed, let index = index(of: id), case .waiting = turns[index].stage else {
      if case .source(let source, _) = response.body { actions.append(.end(source)) }
      return
    }
    turns[index].stage = .answered(response)
    settle(now, desk, into: &actions)
  }

  /// The connection is gone, or given up, whatever was under way.
  ///
  /// An answer that ends with the connection must not end like a whole one.
  mutating func lost(_ now: Now, into actions: inout [Action]) {
    end(now, reset: stream != nil || !outbox.isEmpty, into: &actions)
  }

  func index(of id: UInt64) -> Int? {
    guard let first = turns.first, id >= first.id, id - first.id < UInt64(turns.count) else {
      return nil
    }
    return Int(id - first.id)
  }

  // MARK: - What follows

  /// Does all that has become possible.
  mutating func settle(_ now: Now, _ desk: some Desk, into actions: inout [Action]) {
    guard !isClosed else { return }
    let wasEmpty = outbox.isEmpty
    deliver(now, into: &actions)
    advance(now, into: &actions)
    while backlogStart < backlog.count {
      let bytes = backlog
      let start = backlogStart
      backlogStart = consume(bytes.span, from: start, now, desk, into: &actions)
      let isStuck = backlogStart == start
      if isClosed || backlogStart == backlog.count { dropBacklog() }
      deliver(now, into: &actions)
      advance(now, into: &actions)
      if isStuck || isClosed { break }
    }
    guard !isClosed else { return }
    if wasEmpty && !outbox.isEmpty {
      writeSince = now.microseconds
      writeProgress = 0
    }
    guard turns.isEmpty, outbox.isEmpty else { return }
    if isLast {
      leave(now, into: &actions)
    } else if peerHasEnded || (isStopping && !parser.isInside) {
      end(now, reset: false, into: &actions)
    }
  }

  /// Ends our half behind the last answer.
  private mutating func leave(_ now: Now, into actions: inout [Action]) {
    if peerHasEnded {
      end(now, reset: false, into: &actions)
    } else if !isShut {
      isShut = true
      shutSince = now.microseconds
      actions.append(.shutdown)
    }
  }

  /// Closes at once; what has not left never will.
  mutating func end(_ now: Now, reset: Bool, into actions: inout [Action]) {
    guard !isClosed else { return }
    isClosed = true
    dropIntake(into: &actions)
    if let stream, !stream.isAsked { actions.append(.end(stream.source)) }
    stream = nil
    for index in turns.indices { drop(turns[index], now, into: &actions) }
    turns = []
    written = 0
    outbox.removeAll()
    body = []
    gathering = nil
    dropBacklog()
    input = .ended
    actions.append(.close(reset: reset))
  }

  /// Notes a turn whose answer does not leave.
  mutating func drop(_ turn: Turn, _ now: Now, into actions: inout [Action]) {
    if case .answered(let response) = turn.stage, case .source(let source, _) = response.body {
      actions.append(.end(source))
    }
    actions.append(.note(turn.summary(peer, at: now, isComplete: false)))
  }

  mutating func dropBacklog() {
    backlog = []
    backlogStart = 0
  }

  /// Tells the receiver that the rest of its body never comes, as soon as it listens.
  mutating func dropIntake(into actions: inout [Action]) {
    guard let lost = intake else { return }
    if lost.isBusy {
      intake?.isLost = true
    } else {
      actions.append(.abandon(lost.receiver))
      intake = nil
    }
  }
}
