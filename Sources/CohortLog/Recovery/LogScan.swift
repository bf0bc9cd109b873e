import CohortFormat
import CohortModel

/// Walks over the frames of a log from one point on, as far as each continues the one before.
///
/// Only looks: what the bytes behind the last frame mean is decided by ``TailSearch``.
struct LogScan: ~Copyable {
  enum Step: Hashable {
    /// Whole, in its place, and continuing the chain. In the bytes of the window.
    case frame(FrameExtent)
    /// No frame; the fault says why, unless there is nothing but zeros.
    case end(FrameFault?)
  }

  private(set) var window: LogWindow
  /// Behind the last frame.
  private(set) var chain: FrameChain
  /// Behind the frame before it; `nil` until there is one that was walked over.
  private(set) var chainBefore: FrameChain?
  private let ledger: LedgerID
  /// What ``isFollowed`` has found: one look at each header is enough.
  private var ahead: FrameHeader?

  init(_ window: consuming LogWindow, from chain: FrameChain, of ledger: LedgerID) {
    self.window = window
    self.chain = chain
    self.ledger = ledger
  }

  /// Reads the next frame, or the seal, behind a gap of zeros.
  mutating func next() throws(DiskError) -> Step {
    if let fault = try gapFault() { return .end(fault) }
    var read = try read(at: Int(chain.next))
    if case .zeros = read, chain.sealOffset > chain.next {
      read = try self.read(at: Int(chain.sealOffset))
    }
    switch read {
    case .zeros: return .end(nil)
    case .invalid(let fault): return .end(fault)
    case .frame(let frame):
      var next = chain
      do {
        try next.accept(frame, in: window.bytes.span)
      } catch {
        return .end(error)
      }
      chainBefore = chain
      chain = next
      return .frame(frame)
    }
  }

  /// Whether the header of a frame that continues the last one stands behind it.
  ///
  /// Even if that frame is torn: it was written after the last one was durable.
  var isFollowed: Bool {
    mutating get { isFollowed(at: chain.next) || isFollowed(at: chain.sealOffset) }
  }

  private mutating func isFollowed(at offset: UInt64) -> Bool {
    let index = window.index(Int(offset))
    guard index <= window.bytes.count,
      case .frame(let frame) = FrameScan.header(
        window.bytes.span, at: index, base: UInt64(window.base), ledger: ledger)
    else { return false }
    var probe = chain
    guard (try? probe.accept(frame.header, root: frame.header.rootBefore)) != nil else {
      return false
    }
    ahead = frame.header
    return true
  }

  /// Goes back to before the last frame.
  mutating func stepBack() {
    if let chainBefore { chain = chainBefore }
    chainBefore = nil
  }

  /// What stands in the gap behind the last frame, where nothing is ever written.
  private mutating func gapFault() throws(DiskError) -> FrameFault? {
    let gap = Int(chain.end)..<Int(chain.next)
    if gap.isEmpty { return nil }
    try window.load(gap.lowerBound, count: gap.count + LogScan.lookahead)
    let bytes = window.bytes.span
    let end = min(window.index(gap.upperBound), bytes.count)
    let nonzero = bytes.firstNonzero(in: window.index(gap.lowerBound)..<end)
    return nonzero.map { .notZero(at: UInt64(window.base + $0)) }
  }

  private mutating func read(at offset: Int) throws(DiskError) -> FrameRead {
    let size: Int
    if let ahead, ahead.fileOffset == UInt64(offset) {
      size = ahead.size
    } else {
      try window.load(offset, count: LogScan.lookahead)
      let header = FrameScan.header(
        window.bytes.span, at: window.index(offset), base: UInt64(window.base), ledger: ledger)
      guard case .frame(let frame) = header else { return header }
      size = frame.header.size
    }
    try window.load(offset, count: size + LogScan.lookahead)
    return FrameScan.read(
      window.bytes.span, at: window.index(offset), base: UInt64(window.base), ledger: ledger)
  }

  /// Enough for the zeros before a seal and the seal, or for the header of the next frame.
  private static let lookahead = 2 * Int(FrameHeader.pageSize)
}
