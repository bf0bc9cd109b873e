import CohortFormat
import CohortModel

/// A log in memory, with what was put into it.
struct SmallLog {
  static let ledger = ledger(1)

  static func ledger(_ seed: UInt64) -> LedgerID { LedgerID(random: SeededBytes(seed: seed)) }

  static func epoch(_ generation: UInt32) -> Epoch {
    Epoch(generation: generation, random: SeededBytes(seed: UInt64(generation)))
  }

  private(set) var bytes = FileHeader(
    ledger: ledger, created: Instant(microseconds: 1_800_000_000_000_000)
  ).bytes
  private(set) var frames: [EncodedFrame] = []
  private(set) var recorded: [Recorded] = []
  /// The right edge of the tree in front of each frame.
  private(set) var trees: [MerkleFrontier] = []
  var builder = FrameBuilder(
    ledger: ledger, epoch: epoch(1), chain: FrameChain(), tree: MerkleFrontier(), lastRequest: 0,
    random: SeededBytes(seed: 2))
  private var time: Int64 = 1_800_000_000_000_000

  /// Writes a frame of requests, each of some events, the last of which may have a receipt.
  mutating func append(_ requests: [(events: [Event], receipt: Receipt?)]) throws {
    time += 1_000
    trees.append(builder.tree)
    builder.begin(
      time: Instant(microseconds: time), rawClock: Instant(microseconds: time - 7))
    for (number, request) in requests.enumerated() {
      let key = KeyID(UInt32(number * 100))
      let start = builder.nextPosition
      let end = start.advanced(by: request.events.count - 1)
      for (index, event) in request.events.enumerated() {
        let isLast = index == request.events.count - 1
        try builder.append(
          event, key: key, receipt: isLast ? request.receipt : nil, endsRequest: isLast)
        recorded.append(
          Recorded(
            position: start.advanced(by: index), time: Instant(microseconds: time), key: key,
            request: end, event: event, receipt: isLast ? request.receipt : nil))
      }
    }
    add(builder.finish())
  }

  mutating func append(_ events: [Event]) throws { try append([(events, nil)]) }

  mutating func seal() {
    time += 1_000
    trees.append(builder.tree)
    add(builder.seal(time: Instant(microseconds: time), rawClock: Instant(microseconds: time)))
  }

  private mutating func add(_ frame: EncodedFrame) {
    bytes.append(contentsOf: repeatElement(0, count: Int(frame.fileOffset) - bytes.count))
    bytes.append(contentsOf: frame.bytes)
    frames.append(frame)
  }

  /// Reads frame by frame until something else comes.
  static func read(
    _ bytes: [UInt8], from start: Int = FileHeader.size
  ) -> (frames: [FrameExtent], end: Int, fault: FrameFault?) {
    var frames: [FrameExtent] = []
    var offset = start
    var end = start
    var chain = FrameChain()
    while true {
      switch FrameScan.read(bytes.span, at: offset, ledger: ledger) {
      case .frame(let frame):
        do { try chain.accept(frame, in: bytes.span) } catch { return (frames, end, error) }
        frames.append(frame)
        (offset, end) = (frame.end, frame.end)
      case .zeros(let zerosEnd):
        if zerosEnd == bytes.count { return (frames, end, nil) }
        offset = zerosEnd
      case .invalid(let fault):
        return (frames, end, fault)
      }
    }
  }
}
