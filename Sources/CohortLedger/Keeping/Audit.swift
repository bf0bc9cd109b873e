import CohortFormat
import CohortLog
import CohortModel

/// Reads a log from its first byte and believes nothing: every checksum, the chain of headers,
/// every root from the leaves up, every text with its commitment, and whether each event can have
/// happened.
///
/// Goes on behind damage. There, roots cannot be computed and events not be replayed, for what
/// stood in between is not known; all else is checked. Can be taken in steps, and go on where a log
/// grows.
struct Audit: ~Copyable {
  let ledger: LedgerID
  private var walk: LogWalk
  /// `nil` behind damage.
  private(set) var tree: MerkleFrontier? = MerkleFrontier()
  /// `nil` behind damage, behind an impossible event, and if it is not wanted.
  private(set) var state: LedgerState?
  private(set) var texts = TextAccount()
  private(set) var frameCount: UInt64 = 0
  private(set) var eventCount: UInt64 = 0
  private(set) var findings: [Finding] = []
  /// Where the log ended, and in what.
  private(set) var end: LogWalk.End?
  /// Zeros may come before the erasure that explains them, so only who follows the leader can judge
  /// them.
  private let isReplica: Bool
  /// Stretches that cannot be read, each with what stands before it; the tree is known only of the
  /// first.
  private(set) var gaps: [(chain: FrameChain, tree: MerkleFrontier?, damage: Damage)] = []
  private var heads: [TreeHead]
  private var lastRequest: UInt64 = 0
  private var firstTime: Instant?

  /// - Parameters:
  ///   - file: The log.
  ///   - ledger: As its header says.
  ///   - isReplica: Whether it is a replica's.
  ///   - heads: Older tree heads that this log must be a continuation of.
  ///   - replays: Whether events are replayed: that takes the memory of a whole state.
  ///   - readSize: In bytes.
  init(
    _ file: LogFile, of ledger: LedgerID, isReplica: Bool, heads: [TreeHead] = [],
    replays: Bool = true, readSize: Int = LogOptions().readSize
  ) {
    self.isReplica = isReplica
    self.ledger = ledger
    self.heads = heads.sorted { $0.size < $1.size }
    walk = LogWalk(file, of: ledger, readSize: readSize)
    state = replays ? LedgerState(hashSeed: 0) : nil
  }

  var chain: FrameChain { walk.chain }

  /// Checks one frame, and hands it over.
  ///
  /// - Returns: Whether there may be more.
  mutating func step(
    before durableEnd: UInt64? = nil,
    _ visit: (FrameExtent, Span<UInt8>) throws(LogError) -> Void = { _, _ throws(LogError) in }
  ) throws(LogError) -> Bool {
    var found = FrameResult(tree: tree, state: state.take(), lastRequest: lastRequest)
    swap(&found.texts, &texts)
    swap(&found.heads, &heads)
    let ledger = ledger
    let step = try walk.next(before: durableEnd) { frame, bytes throws(LogError) in
      found.check(frame, bytes, ledger)
      try visit(frame, bytes)
    }
    swap(&found.texts, &texts)
    swap(&found.heads, &heads)
    (tree, state, lastRequest) = (found.tree, found.state, found.lastRequest)
    findings += found.findings
    switch step {
    case .frame:
      frameCount += 1
      eventCount += found.eventCount
      firstTime = firstTime ?? chain.last?.time
      return true
    case .damage(let damage):
      note(damage)
      return true
    case .end(let end):
      self.end = end
      return false
    }
  }

  private mutating func note(_ damage: Damage) {
    gaps.append((walk.chain, tree, damage))
    (tree, state) = (nil, nil)
    lastRequest = 0
    var positions: ClosedRange<Position>?
    let first = damage.after.advanced(by: 1)
    if let next = damage.next, next.firstPosition > first {
      positions = first...Position(next.firstPosition.rawValue - 1)
    }
    findings.append(
      Finding(
        kind: .unreadable(damage.fault?.description ?? "There are zeros where a frame must be."),
        bytes: damage.bytes ?? damage.offset..<damage.offset, positions: positions,
        after: damage.timeAfter, before: damage.next?.time))
  }

  private var torn: Range<UInt64>? { if case .torn(let range) = end { range } else { nil } }

  /// Of texts that are not as their events say.
  var textFindings: [Finding] {
    texts.findings(hasMissed: !gaps.isEmpty || torn != nil || isReplica)
  }

  /// Everything there is to say at the end.
  func report() -> VerifyReport {
    var findings = findings + textFindings
    if let tree {
      for head in heads where head.size > tree.size {
        findings.append(
          Finding(kind: .shorter(head), bytes: nil, positions: nil, after: nil, before: nil))
      }
    }
    return VerifyReport(
      ledger: ledger, frames: frameCount, events: eventCount, end: chain.end,
      head: tree.map { TreeHead(size: $0.size, root: $0.root) },
      first: firstTime, last: chain.last?.time, isSealed: chain.isSealed,
      intactTexts: texts.intactCount, erasedTexts: texts.erasedCount, torn: torn,
      findings: findings)
  }
}

/// What the check of one frame moves along and finds.
private struct FrameResult {
  var tree: MerkleFrontier?
  var state: LedgerState?
  var lastRequest: UInt64
  var texts = TextAccount()
  var heads: [TreeHead] = []
  var findings: [Finding] = []
  var eventCount: UInt64 = 0

  mutating func check(_ frame: FrameExtent, _ bytes: Span<UInt8>, _ ledger: LedgerID) {
    guard frame.header.kind == .events else { return }
    do throws(EventFault) {
      try checkTree(frame, bytes)
      try checkRequests(frame, bytes)
      var decoder = EventDecoder(frame, ledger: ledger)
      while let decoded = try decoder.next(in: bytes) {
        eventCount += 1
        texts.take(decoded, in: bytes)
        replay(decoded.recorded, frame)
      }
    } catch {
      state = nil
      note(.malformed(error.description), frame, at: error.position)
    }
  }

  private mutating func checkTree(
    _ frame: FrameExtent, _ bytes: Span<UInt8>
  ) throws(EventFault) {
    let leaves = try frame.leaves(in: bytes)
    guard var tree else { return }
    guard tree.root == frame.header.rootBefore else {
      self.tree = nil
      return
    }
    while let head = heads.first, head.size <= frame.header.treeSize {
      if head.size >= tree.size {
        var earlier = tree
        earlier.append(contentsOf: Array(leaves.prefix(Int(head.size - tree.size))))
        if earlier.root != head.root { note(.otherHistory(head), frame, at: Position(head.size)) }
      }
      heads.removeFirst()
    }
    tree.append(contentsOf: leaves)
    if tree.root != frame.root(in: bytes) {
      note(.root, frame)
      self.tree = nil
    } else {
      self.tree = tree
    }
  }

  private mutating func checkRequests(
    _ frame: FrameExtent, _ bytes: Span<UInt8>
  ) throws(EventFault) {
    var walk = EventWalk(frame)
    var hasEnded = true
    while let head = try walk.next(in: bytes) {
      let expected = hasEnded ? lastRequest + 1 : lastRequest
      // Behind damage the number to come is not known.
      if lastRequest > 0 || state != nil, head.request != expected {
        note(
          .impossible("request \(head.request) follows \(lastRequest)"), frame, at: head.position)
      }
      lastRequest = head.request
      hasEnded = head.endsRequest
    }
  }

  private mutating func replay(_ recorded: Recorded, _ frame: FrameExtent) {
    guard state != nil else { return }
    if let objection = state?.objection(to: recorded) {
      note(.impossible(objection), frame, at: recorded.position)
      state = nil
    } else {
      state?.apply(recorded)
    }
  }

  private mutating func note(_ kind: Finding.Kind, _ frame: FrameExtent, at: Position? = nil) {
    let header = frame.header
    findings.append(
      Finding(
        kind: kind, bytes: header.fileOffset..<header.fileEnd,
        positions: (at ?? header.firstPosition)...(at ?? header.lastPosition), after: header.time,
        before: nil))
  }
}
