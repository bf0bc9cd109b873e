import CohortFormat
import CohortModel

/// Which texts of a log are not intact, and which erasures explain that.
///
/// An erasure stands behind the texts it names, so nothing is judged before the end.
struct TextAccount {
  /// A text that is zero or damaged.
  struct Gap: Hashable {
    let entry: TextEntry
    let time: Instant
    let cohort: CohortID?
  }

  private(set) var intactCount: UInt64 = 0
  private(set) var erasedCount: UInt64 = 0
  private(set) var gaps: [TextName: Gap] = [:]
  /// Texts that erasures name.
  private(set) var named: Set<TextName> = []
  private(set) var finished: Set<Position> = []
  private var erasures: [(position: Position, texts: [TextName])] = []
  /// Unmatched texts up to here are forgotten.
  private(set) var forgottenThrough = Position.origin
  private var unmatched: Set<TextName> = []

  mutating func take(_ decoded: DecodedEvent, in bytes: Span<UInt8>) {
    let recorded = decoded.recorded
    switch recorded.event {
    case .userErased(let event):
      named.formUnion(event.texts)
      erasures.append((recorded.position, event.texts))
    case .unmatchedForgotten(let event): forgottenThrough = max(forgottenThrough, event.through)
    case .erasureFinished(let event): finished.insert(event.erasure)
    case .partnerEnabled, .partnerDisabled, .keyIssued, .keyInvalidated, .userCreated,
      .identifierAdded, .identifierRemoved, .externalIDRenamed, .userIdentified, .usersMerged,
      .userDeleted, .cohortNamed, .cohortArchived, .cohortRestored, .membersChanged, .segmentSaved,
      .segmentArchived, .segmentRestored, .campaignSaved, .campaignArchived, .campaignRestored,
      .audienceFrozen, .recovered, .restored:
      break
    }
    for entry in decoded.texts {
      var entry = entry
      entry.checkCommitment(in: bytes)
      if entry.state == .intact {
        intactCount += 1
        continue
      }
      var cohort: CohortID?
      if case .membersChanged(let event) = recorded.event {
        cohort = event.cohort
        if Int(entry.name.item) < event.unmatched.count { unmatched.insert(entry.name) }
      }
      gaps[entry.name] = Gap(entry: entry, time: recorded.time, cohort: cohort)
      if entry.state == .erased { erasedCount += 1 }
    }
  }

  /// Takes note of an erasure that is not in the log yet.
  mutating func name(_ texts: some Sequence<TextName>, forgottenThrough: Position = .origin) {
    named.formUnion(texts)
    self.forgottenThrough = max(self.forgottenThrough, forgottenThrough)
  }

  /// Whether some erasure names the text of this event; `whose texts are counted by `item`.
  func names(_ name: TextName, of event: Event) -> Bool {
    if named.contains(name) { return true }
    guard name.position <= forgottenThrough, case .membersChanged(let change) = event else {
      return false
    }
    return Int(name.item) < change.unmatched.count
  }

  var hasErasures: Bool { !named.isEmpty || forgottenThrough > .origin }

  /// Whether an erasure names the text of a gap.
  func explains(_ name: TextName) -> Bool {
    named.contains(name) || unmatched.contains(name) && name.position <= forgottenThrough
  }

  /// What is wrong with texts, by position.
  ///
  /// Some events may have been missed, and one of them may have been the erasure that explains a
  /// zero text: then no zeros are judged.
  func findings(hasMissed: Bool) -> [Finding] {
    var findings: [Finding] = []
    for (name, gap) in gaps where !explains(name) {
      if hasMissed, gap.entry.state == .erased { continue }
      let start = gap.entry.fileOffset
      findings.append(
        Finding(
          kind: gap.entry.state == .erased ? .textLost(name) : .textDamaged(name),
          bytes: start..<start + UInt64(gap.entry.range.count),
          positions: name.position...name.position,
          after: gap.time, before: nil, cohorts: gap.cohort.map { [$0] } ?? []))
    }
    for erasure in erasures where finished.contains(erasure.position) {
      for name in erasure.texts where gaps[name]?.entry.state != .erased {
        findings.append(
          Finding(
            kind: .textNotErased(name), bytes: nil, positions: name.position...name.position,
            after: nil, before: nil))
      }
    }
    return findings.sorted {
      ($0.positions?.lowerBound ?? .origin) < ($1.positions?.lowerBound ?? .origin)
    }
  }

  /// Whether some gap is not explained yet, as by an erasure that is just being recorded.
  var isOpen: Bool { gaps.keys.contains { !explains($0) } }
}
