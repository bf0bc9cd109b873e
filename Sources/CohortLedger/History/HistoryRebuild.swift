package import CohortFormat
package import CohortLog
package import CohortModel

/// Moves a history and the memberships forward by the events of a log, in bulk.
///
/// Events are gathered by cohort as they come, and folded cohort after cohort: one cohort's bitmap
/// stays in the cache, where a fold in the order of the log would miss it with every bit.
///
/// Invariants: `folded` says up to where a track is folded for exactly the cohorts in `touched`;
/// all others are folded to their end. What is not folded is about `gatherSize` bytes at most.
package struct HistoryRebuild: ~Copyable {
  private var history: History
  private let memberships: Memberships
  private let tiles: TileStore?
  private let keepsPast: Bool
  private var ended: EndedUsers
  /// Of the cohorts that were folded at least once.
  private var members: [CohortID: LiveUsers] = [:]
  private var folded: [Start?] = []
  private var touched: [CohortID] = []
  private var gathered = 0
  /// The earliest change found that cannot have happened.
  private var fault: FoldJob.Fault?

  static let noSet = "its set of users cannot be read"

  /// Where the next fold of a cohort begins.
  struct Start: Sendable {
    let place: TrackReader.Place
    let since: Track.Growth
  }

  /// - Parameters:
  ///   - history: The past up to some position.
  ///   - memberships: After the same events.
  ///   - tiles: Takes what does not have to stay in memory.
  ///   - ended: Whoever was merged away or deleted up to there: nobody of them can enter again.
  ///   - keepsPast: `false` if only the members at the end are asked for.
  package init(
    _ history: History, _ memberships: Memberships, _ tiles: TileStore?,
    ended: EndedUsers = EndedUsers(), keepsPast: Bool = true
  ) {
    self.history = history
    self.memberships = memberships
    self.tiles = tiles
    self.ended = ended
    self.keepsPast = keepsPast
  }

  /// Takes the next event.
  ///
  /// Those that change no membership and end nobody are passed over.
  package mutating func take(_ event: Event, at position: Position, _ time: Instant) {
    ended.note(event, at: position)
    event.forEachMembershipChange { cohort, kind, users, unmatched in
      let bytes = users.bytes
      gather(cohort, kind, bytes.span, 0..<bytes.count, at: position, time, unmatched: unmatched)
    }
  }

  /// Takes the next event, a `membersChanged` that is looked at where it lies in `bytes`.
  @inline(__always)
  package mutating func take(
    _ members: MembersExtent, in bytes: Span<UInt8>, at position: Position, _ time: Instant
  ) {
    gather(
      members.cohort, HistoryKind(members.direction), bytes, members.users, at: position, time,
      unmatched: UInt32(truncatingIfNeeded: members.unmatchedCount))
  }

  @inline(__always)
  private mutating func gather(
    _ cohort: CohortID, _ kind: HistoryKind, _ source: Span<UInt8>, _ range: Range<Int>,
    at position: Position, _ time: Instant, unmatched: UInt32
  ) {
    let index = Int(cohort.rawValue) - 1
    if index >= folded.count || folded[index] == nil { touch(cohort) }
    history.gather(cohort, kind, source, range, at: position, time, unmatched: unmatched)
    gathered += range.count + HistoryBlock.rowBytes
    if gathered >= history.options.gatherSize { fold() }
  }

  @inline(never)
  private mutating func touch(_ cohort: CohortID) {
    let index = Int(cohort.rawValue) - 1
    if index >= folded.count {
      folded.append(contentsOf: repeatElement(nil, count: index + 1 - folded.count))
    }
    let track = history.track(cohort)
    folded[index] = Start(
      place: TrackReader.Place(block: track.blocks.count, row: track.open.rows.count),
      since: track.since)
    touched.append(cohort)
  }

  /// Folds what was gathered.
  @inline(never)
  private mutating func fold() {
    var jobs: [FoldJob] = []
    for cohort in touched {
      let index = Int(cohort.rawValue) - 1
      guard let start = folded[index] else { continue }
      folded[index] = nil
      let users =
        members[cohort]
        ?? (index < memberships.cohortCount ? memberships[cohort] : LiveUsers())
      jobs.append(
        FoldJob(
          cohort: cohort, track: history.track(cohort), start: start, members: users,
          ended: ended, keepsPast: keepsPast))
    }
    touched = []
    gathered = 0
    for result in FoldJob.run(jobs, history.options) {
      if let found = result.fault, found.position < fault?.position ?? .never { fault = found }
      members[result.cohort] = result.members
      history.addBases(result.bases, of: result.cohort, since: result.since)
    }
    // Before the jobs end with this function they share it, and what comes next would copy it.
    jobs = []
    ended.settle()
    if !keepsPast {
      history.forget()
    } else if let tiles {
      history.spill(to: tiles)
    }
  }

  /// Folds what is left.
  ///
  /// - Returns: The past, and the members of every cohort that was changed.
  /// - Throws: ``LogError/impossible(_:at:)`` for a change whose users are no set, or of whom some
  ///   were in or out already, or are no more and enter.
  package consuming func finish() throws(LogError) -> (History, [(CohortID, LiveUsers)]) {
    fold()
    if let fault { throw .impossible(fault.reason, at: fault.position) }
    return (history, members.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
  }
}
