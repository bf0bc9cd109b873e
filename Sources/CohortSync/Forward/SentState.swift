package import CohortModel

/// How a user stands with the destination in one cohort.
package enum Told: UInt8, Hashable, Sendable, CaseIterable {
  /// The destination took it, and has not been told to take it out.
  case member
  /// It may have been told; the event that says so stands behind the checkpoint.
  case unsure
  /// To be told in: what a comparison has found.
  case owed
  // The destination was told, and did nothing about it: told again.
  case unknown
  case identified
  case merged
  case refused
  /// To be told out, or told out by identifiers that the destination does not know yet: told again.
  case leaving
  /// Told out, and refused: told again.
  case leavingRefused
  /// Told out, but merged there before the feed told of the merge: the survivor may be in for it.
  case leavingMerged
  /// Told out by the identifier that was taken, which now means nobody there: not told again,
  /// unless the feed tells of another identifier, because the destination may have heard of it
  /// before.
  case leavingUnknown

  /// Whether the destination may have the user in the cohort.
  var isHeld: Bool {
    switch self {
    case .member, .unsure, .owed, .leaving, .leavingRefused, .leavingMerged, .leavingUnknown: true
    case .unknown, .identified, .merged, .refused: false
    }
  }

  /// Whether the ledger has the user in the cohort.
  var isIn: Bool {
    switch self {
    case .member, .unsure, .owed, .unknown, .identified, .merged, .refused: true
    case .leaving, .leavingRefused, .leavingMerged, .leavingUnknown: false
    }
  }

  /// Whether it is told again now and then, until something comes of it.
  var isPending: Bool {
    switch self {
    case .member, .unsure, .owed, .leavingUnknown: false
    case .unknown, .identified, .merged, .refused, .leaving, .leavingRefused, .leavingMerged: true
    }
  }
}

/// What is remembered of one user.
package struct SentLine: Hashable, Sendable {
  package struct Entry: Hashable, Sendable {
    package let cohort: UInt16
    package var told: Told
    /// Whether the destination did nothing when it was told again, but may have done so before.
    package var mayBeIn = false

    package init(cohort: UInt16, told: Told, mayBeIn: Bool = false) {
      (self.cohort, self.told, self.mayBeIn) = (cohort, told, mayBeIn)
    }

    /// Whether the destination may have the user in the cohort.
    package var isHeld: Bool { mayBeIn || told.isHeld }
  }

  /// By what the user is told.
  package var identifier: SentIdentifier
  /// Whether the destination has so far taken the user only by an identifier of before.
  package var isRenamed = false
  /// Identifiers of before, the oldest first, by which the destination may still know the user: it
  /// hears of a change later than this feed tells of it, or earlier, or never.
  package var formers: [SentIdentifier] = []
  /// Whether the ledger's user does not have the identifier any more.
  package var isStale = false
  /// In no order; nobody is in many of the cohorts.
  package var entries: [Entry] = []

  package init(_ identifier: SentIdentifier) { self.identifier = identifier }

  package func entry(_ cohort: Int) -> Entry? { entries.first { $0.cohort == cohort } }

  /// Setting it says that nothing else is known.
  package subscript(cohort: Int) -> Told? {
    get { entry(cohort)?.told }
    set { set(cohort, newValue.map { Entry(cohort: UInt16(cohort), told: $0) }) }
  }

  mutating func set(_ cohort: Int, _ entry: Entry?) {
    let index = entries.firstIndex { $0.cohort == cohort }
    switch (index, entry) {
    case (let index?, let entry?): entries[index] = entry
    case (let index?, nil): entries.remove(at: index)
    case (nil, let entry?): entries.append(entry)
    case (nil, nil): break
    }
  }

  var isHeld: Bool { entries.contains { $0.isHeld } }

  /// From here on the destination may have the user in the cohort.
  mutating func mayHold(_ cohort: Int) {
    var entry = entry(cohort) ?? Entry(cohort: UInt16(cohort), told: .unsure)
    if !entry.isHeld { entry.mayBeIn = true }
    set(cohort, entry)
  }

  /// Goes on by another identifier, which is the only one it is known by.
  mutating func take(_ identifier: SentIdentifier) {
    guard identifier != self.identifier || isStale else { return }
    self.identifier = identifier
    isStale = false
    forgetFormers()
  }

  /// By what the destination may know the user, the oldest first.
  package var names: [SentIdentifier] { formers + [identifier] }

  /// Remembers identifiers of before; of very many the last.
  mutating func remember(_ names: [SentIdentifier]) {
    var seen: Set<SentIdentifier> = [identifier]
    formers = (formers + names).reversed().filter { seen.insert($0).inserted }.reversed()
      .suffix(Self.formersMax)
    isRenamed = isRenamed || !formers.isEmpty
  }

  /// The destination knows the user by the identifier of now.
  mutating func forgetFormers() { (formers, isRenamed) = ([], false) }

  /// A line is told out by each of them if need be.
  static let formersMax = 16
}

/// Somebody who does not exist any more, or of whom only the name is known, and who must leave a
/// cohort: what a comparison has found.
package struct Debt: Hashable, Sendable {
  package let cohort: Int
  package let identifier: SentIdentifier
  /// As in ``SentLine``.
  package let formers: [SentIdentifier]

  package init(cohort: Int, identifier: SentIdentifier, formers: [SentIdentifier] = []) {
    (self.cohort, self.identifier, self.formers) = (cohort, identifier, formers)
  }
}

/// The name of a cohort.
package struct SentName: Hashable, Sendable {
  package let name: Text
  package let createdAt: Instant
  /// Whether the destination is still to be told.
  package var isOwed: Bool

  package init(name: Text, createdAt: Instant, isOwed: Bool) {
    (self.name, self.createdAt, self.isOwed) = (name, createdAt, isOwed)
  }
}

/// What a destination was told, and by what.
///
/// Invariants:
///
/// - Whoever the destination may have in a cohort because of us has a line with that cohort, or a
///   debt: nothing that was told can be forgotten before it was told out.
/// - A removal reaches whom it is meant for whether the destination has heard of a change of
///   identifiers or not: it is told by the identifier of now, and where that means nobody there, by
///   those of before. So nobody may be forgotten by the identifier of now alone while the
///   destination was told only by one of before.
/// - Of a cohort that is dropped the people are followed, not the members: merges, deletions and
///   erasures are told.
/// - A line has at least one cohort: who has left everything is forgotten.
/// - Everything up to ``checkpoint`` was acknowledged, but for what is marked as owed or pending.
package struct SentState: Hashable, Sendable {
  package var checkpoint = FeedCheckpoint.origin
  /// How far telling may have gone; `nil` if no further than ``checkpoint``.
  package var reached: FeedCheckpoint?
  package var lines: [UserID: SentLine] = [:]
  /// By the place of the cohort.
  package var names: [Int: SentName] = [:]
  package var debts: [Debt] = []

  package init() {}
}
