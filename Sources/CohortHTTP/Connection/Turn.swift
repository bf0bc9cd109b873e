/// A request whose answer has not left whole.
struct Turn {
  enum Stage {
    case waiting
    /// Those before it have not been answered.
    case answered(Response)
    /// Its body is being made.
    case streaming
    /// All of it is in the outbox; it has left when so many bytes of the connection have.
    case leaving(UInt64)
  }

  /// Numbers the requests of a connection without a gap.
  let id: UInt64
  /// `nil` if it could not be read.
  let head: RequestHead?
  /// Whether it is answered without a body, whatever else is known of it.
  let isHead: Bool
  let isOneZero: Bool
  /// In microseconds: when its first byte came.
  let began: Int64
  /// Whether no request comes behind it.
  var closes: Bool
  /// Whether its sender waits for a word before it sends the body.
  var wantsContinue = false
  var stage: Stage
  /// What an answer tells that the server itself gives.
  var faultFields: [(name: String, value: String)] = []
  /// Bytes of the bodies.
  var bytesIn: UInt64 = 0
  var bytesOut: UInt64 = 0
  var status: Int?

  init(
    id: UInt64, head: RequestHead?, isHead: Bool, isOneZero: Bool = false, began: Int64,
    closes: Bool, stage: Stage = .waiting
  ) {
    self.id = id
    self.head = head
    self.isHead = isHead
    self.isOneZero = isOneZero
    self.began = began
    self.closes = closes
    self.stage = stage
  }

  func summary(_ peer: Peer, at now: Now, isComplete: Bool) -> Exchange.Summary {
    Exchange.Summary(
      head: head, peer: peer, status: status, bytesIn: bytesIn, bytesOut: bytesOut,
      microseconds: now.microseconds - began, isComplete: isComplete)
  }
}

/// An answer whose body is being made: always that of the first turn that is not leaving.
struct Stream {
  let turn: UInt64
  let source: any BodySource
  let framing: ResponseWriter.Framing
  /// Still to come, if a length was promised.
  var remaining: UInt64
  var isAsked = false
  /// Whether it was woken while it was asked: it may be about to say that it has nothing.
  var isWoken = false
  /// In microseconds.
  var waitsUntil: Int64?
}

/// A body that is handed on as it comes: always that of the last turn.
struct Intake {
  let turn: UInt64
  let receiver: any BodyReceiver
  /// Whether it has bytes in hand.
  var isBusy = false
  /// Whether the body's end has come.
  var isWhole = false
  /// Whether the rest will never come.
  var isLost = false
}

/// A body that is gathered: always that of the last turn.
struct Gathering {
  let turn: UInt64
  let limit: Int
  let place: Place
  let handler: @Sendable (Request, Exchange) -> Void
}
