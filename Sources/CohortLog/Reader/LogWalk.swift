package import CohortFormat
import CohortModel

/// Walks over every frame of a log that can be read, also behind damage.
///
///     frame ─ frame ─ damage ─ frame ─ seal ─ end
///
/// Where a frame does not continue the one before it, or is none, the next whole frame is searched
/// for as a start does: see ``TailSearch``. Only looks; can go on where a log has grown.
package struct LogWalk: ~Copyable {
  package enum Step: Hashable, Sendable {
    /// A frame was handed over.
    case frame
    case damage(Damage)
    case end(End)
  }

  /// What stands behind the last frame.
  package enum End: Hashable, Sendable {
    case clean
    /// What a crash, or a writer at work, leaves of one frame.
    case torn(Range<UInt64>)
  }

  private let file: LogFile
  private let ledger: LedgerID
  private let readSize: Int
  private var scan: LogScan
  /// The frame behind damage, to be handed over next.
  private var pending: FrameHeader?
  /// Where the last damage begins that has nothing readable behind it.
  private var deadEnd: UInt64?

  /// Begins at the first frame.
  package init(_ file: LogFile, of ledger: LedgerID, readSize: Int = LogOptions().readSize) {
    self.file = file
    self.ledger = ledger
    self.readSize = readSize
    scan = LogScan(
      LogWindow(file.descriptor, on: file.disk, readSize: readSize), from: FrameChain(), of: ledger)
  }

  /// Behind the last frame handed over.
  package var chain: FrameChain { scan.chain }

  /// Steps over one frame, or one damaged stretch.
  ///
  /// - Parameters:
  ///   - durableEnd: Up to where the log is known to be durable; behind it nothing is looked at.
  ///     `nil`: the file tells.
  ///   - visit: Is handed the frame.
  /// - Returns: What was stepped over.
  /// - Throws: ``LogError/disk(_:)``, and what `visit` threw.
  package mutating func next(
    before durableEnd: UInt64? = nil, _ visit: FrameVisitor
  ) throws(LogError) -> Step {
    if let header = pending { return try resume(at: header, visit) }
    if let durableEnd, chain.end >= durableEnd { return .end(.clean) }
    let step: LogScan.Step
    do throws(DiskError) { step = try scan.next() } catch { throw .disk(error) }
    switch step {
    case .frame(let frame):
      try visit(frame, scan.window.bytes.span)
      return .frame
    case .end(let fault): return try classify(fault, before: durableEnd, visit)
    }
  }

  private mutating func classify(
    _ fault: FrameFault?, before durableEnd: UInt64?, _ visit: FrameVisitor
  ) throws(LogError) -> Step {
    let search: TailSearch
    do throws(DiskError) {
      search = try TailSearch(
        file.descriptor, on: file.disk, behind: chain, of: ledger, readSize: readSize)
    } catch { throw .disk(error) }
    // The window may be older than the file by now: what was no frame may be one.
    restart(from: chain)
    if search.isDamaged {
      let again: LogScan.Step
      do throws(DiskError) { again = try scan.next() } catch { throw .disk(error) }
      if case .frame(let frame) = again {
        try visit(frame, scan.window.bytes.span)
        return .frame
      }
    }
    if deadEnd == chain.end { return .end(.clean) }
    switch search.verdict {
    case .damaged(let found):
      // A frame on its way says nothing of what is behind it, but what is before it was durable.
      let next = found.flatMap { $0.fileOffset < durableEnd ?? .max ? $0 : nil }
      if next == nil { deadEnd = chain.end }
      pending = next
      return .damage(Damage(behind: chain, next: next, fault: search.moved ?? fault))
    case .clean, .torn:
      if durableEnd.map({ chain.end < $0 }) ?? false {
        deadEnd = chain.end
        return .damage(Damage(behind: chain, fault: fault))
      }
      guard case .torn(let range) = search.verdict else { return .end(.clean) }
      return .end(.torn(UInt64(range.lowerBound)..<UInt64(range.upperBound)))
    }
  }

  private mutating func resume(
    at header: FrameHeader, _ visit: FrameVisitor
  ) throws(LogError) -> Step {
    pending = nil
    let bytes = try file.bytes(in: header.fileOffset..<header.fileEnd)
    let read = FrameScan.read(bytes.span, at: 0, base: header.fileOffset, ledger: ledger)
    guard case .frame(let frame) = read else {
      throw .damaged(Damage(behind: chain, fault: nil))
    }
    restart(from: FrameChain(after: frame.header, root: frame.root(in: bytes.span)))
    try visit(frame, bytes.span)
    return .frame
  }

  private mutating func restart(from chain: FrameChain) {
    scan = LogScan(
      LogWindow(file.descriptor, on: file.disk, readSize: readSize), from: chain, of: ledger)
  }
}
