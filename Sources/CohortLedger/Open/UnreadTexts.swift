import CohortFormat
import CohortModel

/// Texts that a start has met and could not read, less those that erasures name: whoever they
/// named may be matched no more, and that must not go unsaid.
///
/// A text that is damaged, or zero without an erasure behind it. Only the log behind the newest
/// snapshot is looked at here; `cohort verify` and the scrub look at all of it.
///
/// Unmatched identifiers can be very many, all forgotten at once, and are kept as runs: those of
/// one event that are alike are one. Everything else is named by an erasure of its own.
package struct UnreadTexts {
  private struct Run {
    let position: Position
    var items: Range<UInt32>
    let state: TextEntry.State
  }

  private var others: [TextName: TextEntry.State] = [:]
  /// Of unmatched identifiers, in the order of the log.
  private var unmatched: [Run] = []
  /// Unmatched identifiers that erasures name.
  private var named: Set<TextName> = []

  /// The text of a new user with one.
  @inline(never)
  mutating func take(_ state: TextEntry.State, at position: Position) {
    others[TextName(position: position, item: 0)] = state
  }

  /// The texts of an event, and what it says of earlier ones.
  mutating func take(_ decoded: DecodedEvent) {
    for entry in decoded.texts where entry.state != .intact {
      if case .membersChanged(let change) = decoded.recorded.event,
        Int(entry.name.item) < change.unmatched.count
      {
        add(entry)
      } else {
        others[entry.name] = entry.state
      }
    }
    if case .userErased(let event) = decoded.recorded.event {
      for name in event.texts where others.removeValue(forKey: name) == nil { named.insert(name) }
    }
    if case .unmatchedForgotten(let event) = decoded.recorded.event {
      unmatched.removeAll { $0.position <= event.through }
      named = named.filter { $0.position > event.through }
    }
  }

  private mutating func add(_ entry: TextEntry) {
    if let last = unmatched.last, last.position == entry.name.position,
      last.items.upperBound == entry.name.item, last.state == entry.state
    {
      unmatched[unmatched.count - 1].items = last.items.lowerBound..<entry.name.item + 1
    } else {
      unmatched.append(
        Run(
          position: entry.name.position, items: entry.name.item..<entry.name.item + 1,
          state: entry.state))
    }
  }

  /// The first thousand of those that nothing explains, in the order of the log.
  ///
  /// `hasAll`: whether the end of the log is known. Else the erasure that explains zeros may lie
  /// behind what was read.
  func unexplained(hasAll: Bool) -> [TextName] {
    let others = others.lazy.filter { hasAll || $0.value == .damaged }.map(\.key)
    let unmatched = unmatched.lazy.filter { hasAll || $0.state == .damaged }.flatMap { run in
      run.items.lazy.map { TextName(position: run.position, item: $0) }
    }
    let most = unmatched.filter { !named.contains($0) }.prefix(Self.countMax)
    return Array((others.sorted().prefix(Self.countMax) + most).sorted().prefix(Self.countMax))
  }

  package static let countMax = 1_000
}
