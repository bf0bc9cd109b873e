package import CohortModel

/// The memberships of every cohort at every position: see `Track`.
///
/// A value: a copy costs some references, and stays as it is while the original moves on. The
/// writer has one; readers ask published copies; undoing is keeping the old copy.
///
/// Everything is moved by `apply`, event by event, and `settle` at the end of each request. What is
/// sealed lies in memory until a ``TileStore`` has written it out.
package struct History: Sendable {
  package let options: HistoryOptions
  private(set) var tracks = Shelves<Track>()
  /// Sealed, and perhaps still in memory.
  private(set) var unspilled: [any SealedPart] = []
  /// Cohorts that may need a base at the end of the request, some of them perhaps twice.
  private var due: [CohortID] = []
  /// Shared by all copies.
  private(set) var readings = TileReadings()

  package init(_ options: HistoryOptions) { self.options = options }

  /// How many cohorts have been heard of.
  package var cohortCount: Int { tracks.count }

  /// Takes the next event.
  ///
  /// Those that change no membership are passed over.
  package mutating func apply(_ event: Event, at position: Position, _ time: Instant) {
    event.forEachMembershipChange { cohort, kind, users, unmatched in
      let bytes = users.bytes
      append(
        cohort, kind, bytes.span, 0..<bytes.count, at: position, time, unmatched: unmatched)
    }
  }

  @inline(__always)
  private mutating func append(
    _ cohort: CohortID, _ kind: HistoryKind, _ source: Span<UInt8>, _ range: Range<Int>,
    at position: Position, _ time: Instant, unmatched: UInt32
  ) {
    gather(cohort, kind, source, range, at: position, time, unmatched: unmatched)
    if tracks[Int(cohort.rawValue) - 1].isBaseDue(options) { due.append(cohort) }
  }

  /// Takes the next change of a cohort, whose users are the packed set in `range` of `source`, and
  /// leaves it to the caller to add bases.
  @inline(__always)
  mutating func gather(
    _ cohort: CohortID, _ kind: HistoryKind, _ source: Span<UInt8>, _ range: Range<Int>,
    at position: Position, _ time: Instant, unmatched: UInt32
  ) {
    let index = Int(cohort.rawValue) - 1
    if index >= tracks.count { addTracks(upTo: index) }
    let closed = tracks[index].append(
      kind, source, range, at: position, time, unmatched: unmatched, options)
    if let closed { note([closed]) }
  }

  /// Adds bases that a rebuild has found.
  mutating func addBases(_ bases: [Track.Base], of cohort: CohortID, since: Track.Growth) {
    tracks[Int(cohort.rawValue) - 1].addBases(bases, since: since)
    note(bases.map(\.part))
  }

  /// Forgets the past of all cohorts.
  mutating func forget() {
    tracks = Shelves()
    unspilled = []
    readings = TileReadings()
  }

  @inline(never)
  private mutating func addTracks(upTo index: Int) {
    while tracks.count <= index { tracks.append(Track()) }
  }

  /// Ends a request: notes who the members of the cohorts are now in which much has changed.
  ///
  /// - Parameter memberships: After the last event applied.
  /// - Complexity: O(1) but for cohorts that get a base: then O(chunks), sharing the users.
  package mutating func settle(_ memberships: Memberships) {
    if due.isEmpty { return }
    for cohort in due {
      let index = Int(cohort.rawValue) - 1
      guard tracks[index].isBaseDue(options) else { continue }
      note(tracks[index].setBase(memberships[cohort], options))
    }
    due.removeAll(keepingCapacity: true)
  }

  /// Remembers what has been sealed, and forgets what has been written out since.
  private mutating func note(_ parts: [any SealedPart]) {
    if unspilled.count & 0xFF == 0xFF { unspilled.removeAll { $0.isSpilled } }
    unspilled += parts
  }

  /// Adds the next cohort of a snapshot, and what of it is in memory.
  mutating func add(_ track: Track, _ unspilled: [any SealedPart]) {
    tracks.append(track)
    self.unspilled += unspilled
  }

  /// Writes everything that is sealed to the file of tiles and makes it durable, so that memory,
  /// and a snapshot, hold only where it lies.
  ///
  /// What cannot be written stays in memory. To be called on a published copy, by one thread at
  /// a time; the history that moves on notices.
  package func spill(to tiles: TileStore) { tiles.spill(unspilled) }

  /// The past of a cohort; of one that was never heard of, an empty one.
  func track(_ cohort: CohortID) -> Track {
    let index = Int(cohort.rawValue) - 1
    return tracks.indices.contains(index) ? tracks[index] : Track()
  }
}
