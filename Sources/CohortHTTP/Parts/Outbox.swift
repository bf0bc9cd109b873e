/// What is to be sent, in its order.
///
/// Large bodies lie here as they were given; what is small is gathered behind each other. Nothing
/// is moved when bytes have left: only `offset` goes on.
struct Outbox {
  /// Up to this many bytes are copied rather than sent from where they lie.
  static let gatherMax = 4_096

  private(set) var segments: [[UInt8]] = []
  /// The first bytes of the first segment that have left.
  private(set) var offset = 0
  private(set) var count = 0
  /// All bytes that were ever put in.
  private(set) var total: UInt64 = 0
  /// Whether the last segment is ours to append to.
  private var isGathering = false

  init() {}

  var isEmpty: Bool { count == 0 }

  mutating func append(_ bytes: [UInt8]) {
    guard !bytes.isEmpty else { return }
    count += bytes.count
    total += UInt64(bytes.count)
    if isGathering, let last = segments.indices.last, bytes.count <= Self.gatherMax,
      segments[last].count < 4 * Self.gatherMax
    {
      segments[last].append(contentsOf: bytes)
    } else {
      segments.append(bytes)
      isGathering = bytes.count <= Self.gatherMax
    }
  }

  /// Takes away what has left.
  mutating func remove(_ sent: Int) {
    precondition(sent <= count, "More bytes have left than there were.")
    count -= sent
    if count == 0 {
      segments = []
      offset = 0
      isGathering = false
      return
    }
    offset += sent
    var gone = 0
    while offset >= segments[gone].count {
      offset -= segments[gone].count
      gone += 1
    }
    if gone > 0 { segments.removeFirst(gone) }
  }

  mutating func removeAll() {
    segments = []
    offset = 0
    count = 0
    isGathering = false
  }
}
