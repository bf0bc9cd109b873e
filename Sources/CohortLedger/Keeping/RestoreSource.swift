import CohortFormat
import CohortLog
import CohortModel

/// What happened behind a cut and must not be undone by a restore.
struct Aftermath {
  var erasures: [UserErased] = []
  var forgottenThrough: (before: Instant, through: Position)?
  var invalidatedKeys: Set<KeyID> = []
  /// The last word of each log about a partner.
  var disabledPartners: Set<PartnerID> = []

  /// The last position that is known of any history, and the root there.
  var head = TreeHead(size: 0, root: MerkleHash.emptyRoot)
  var lastTime = Instant(microseconds: 0)
  var generation: UInt32 = 0
  /// Positions behind the cut that were read.
  var known: [ClosedRange<Position>] = []
  /// Roots at the cut and at ends of frames behind it.
  var roots: [UInt64: Digest] = [:]
  /// Whether some log has told what happened behind the cut, if only that nothing did.
  var isTold = false
  /// Whether some log could not be used.
  var isDoubtful = false

  /// Whether every position behind the cut that is known to have existed was read.
  func isComplete(behind cut: Position) -> Bool {
    guard isTold, !isDoubtful else { return false }
    var next = cut.advanced(by: 1)
    for range in known.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if range.lowerBound > next { return false }
      next = max(next, range.upperBound.advanced(by: 1))
    }
    return next.rawValue > head.size
  }

  mutating func note(_ header: FrameHeader, root: Digest) {
    lastTime = max(lastTime, header.time)
    generation = max(generation, header.epoch.generation)
    if header.treeSize >= head.size { head = TreeHead(size: header.treeSize, root: root) }
  }

  /// Takes what a frame says behind the cut.
  mutating func take(
    _ frame: FrameExtent, _ bytes: Span<UInt8>, behind cut: Position, of ledger: LedgerID
  ) throws(LogError) {
    guard frame.header.kind == .events, frame.header.lastPosition > cut else { return }
    known.append(
      max(frame.header.firstPosition, cut.advanced(by: 1))...frame.header.lastPosition)
    do throws(EventFault) {
      try frame.forEachEvent(in: bytes, ledger: ledger) { decoded in
        guard decoded.recorded.position > cut else { return }
        take(decoded.recorded.event)
      }
    } catch { throw .event(error) }
  }

  private mutating func take(_ event: Event) {
    switch event {
    case .userErased(let event): erasures.append(event)
    case .unmatchedForgotten(let event):
      if event.through > forgottenThrough?.through ?? .origin {
        forgottenThrough = (event.before, event.through)
      }
    case .keyInvalidated(let key): invalidatedKeys.insert(key)
    case .partnerDisabled(let partner): disabledPartners.insert(partner)
    case .partnerEnabled(let event): disabledPartners.remove(event.partner)
    case .keyIssued, .userCreated, .identifierAdded, .identifierRemoved, .externalIDRenamed,
      .userIdentified, .usersMerged, .userDeleted, .erasureFinished, .cohortNamed, .cohortArchived,
      .cohortRestored, .membersChanged, .segmentSaved, .segmentArchived, .segmentRestored,
      .campaignSaved, .campaignArchived, .campaignRestored, .audienceFrozen, .recovered, .restored:
      break
    }
  }
}

extension Aftermath {
  /// Reads another log of the same ledger: the one to be replaced, or a newer one.
  ///
  /// It counts if it has the same root at the cut. If damage hides that, a later root that the
  /// source has as well will do.
  mutating func read(_ file: LogFile, behind cut: Position, of ledger: LedgerID) throws(LogError) {
    guard let header = try? file.header(), header.ledger == ledger else {
      isDoubtful = true
      return
    }
    var other = Aftermath()
    var tree: MerkleFrontier? = MerkleFrontier()
    var isLinked = cut == .origin
    var walk = LogWalk(file, of: ledger)
    let roots = roots
    var goesOn = true
    while goesOn {
      let step = try walk.next { frame, bytes throws(LogError) in
        let root = frame.root(in: bytes)
        other.note(frame.header, root: root)
        if let known = roots[frame.header.treeSize], known == root { isLinked = true }
        if let known = roots[frame.header.firstPosition.rawValue - 1],
          known == frame.header.rootBefore
        {
          isLinked = true
        }
        if !isLinked, frame.header.lastPosition > cut, let before = tree {
          isLinked = try frame.root(at: cut, behind: before, in: bytes) == roots[cut.rawValue]
        }
        if frame.header.lastPosition <= cut {
          try tree?.append(frame, in: bytes)
        } else {
          tree = nil
        }
        try other.take(frame, bytes, behind: cut, of: ledger)
      }
      if case .damage = step { tree = nil }
      goesOn = step.goesOn
    }
    generation = max(generation, other.generation)
    lastTime = max(lastTime, other.lastTime)
    guard isLinked else {
      isDoubtful = true
      return
    }
    isTold = true
    known += other.known
    erasures += other.erasures
    if let forgotten = other.forgottenThrough,
      forgotten.through > forgottenThrough?.through ?? .origin
    {
      forgottenThrough = forgotten
    }
    invalidatedKeys.formUnion(other.invalidatedKeys)
    disabledPartners.formUnion(other.disabledPartners)
    if other.head.size > head.size { head = other.head }
  }
}

extension MerkleFrontier {
  mutating func append(_ frame: FrameExtent, in bytes: Span<UInt8>) throws(LogError) {
    do { append(contentsOf: try frame.leaves(in: bytes)) } catch { throw .event(error) }
  }
}

extension FrameExtent {
  /// The root of the tree that ends with the event at `position` of this frame, or before it.
  fileprivate func root(
    at position: Position, behind tree: MerkleFrontier, in bytes: Span<UInt8>
  ) throws(LogError) -> Digest? {
    guard position.rawValue >= tree.size, tree.root == header.rootBefore else { return nil }
    do {
      var tree = tree
      let leaves = try leaves(in: bytes)
      tree.append(contentsOf: Array(leaves.prefix(Int(position.rawValue - tree.size))))
      return tree.root
    } catch { throw .event(error) }
  }
}
