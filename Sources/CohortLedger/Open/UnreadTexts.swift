import CohortFormat
import CohortModel

/// Texts that a start has met and could not read, less those that erasures name: whoever they
/// named can be matched no more, and that must not go unsaid.
///
/// A text that is damaged, or zero without an erasure behind it. Only the log behind the newest
/// snapshot is looked at here; `cohort verify` and the scrub look at all of it.
struct UnreadTexts {
  private var zero: Set<TextName> = []
  private var damaged: Set<TextName> = []
  /// Those of either that are unmatched identifiers, which age may have erased.
  private var unmatched: Set<TextName> = []

  /// The text of a new user with one.
  @inline(never)
  mutating func take(_ state: TextEntry.State, at position: Position) {
    add(TextName(position: position, item: 0), state)
  }

  /// The texts of an event, and what it says of earlier ones.
  mutating func take(_ decoded: DecodedEvent) {
    for entry in decoded.texts where entry.state != .intact {
      add(entry.name, entry.state)
      if case .membersChanged(let change) = decoded.recorded.event,
        Int(entry.name.item) < change.unmatched.count
      {
        unmatched.insert(entry.name)
      }
    }
    switch decoded.recorded.event {
    case .userErased(let event): forget(event.texts)
    case .unmatchedForgotten(let event): forget(unmatched.filter { $0.position <= event.through })
    default: break
    }
  }

  private mutating func add(_ name: TextName, _ state: TextEntry.State) {
    if state == .erased { zero.insert(name) } else { damaged.insert(name) }
  }

  private mutating func forget(_ names: some Sequence<TextName>) {
    for name in names {
      zero.remove(name)
      damaged.remove(name)
      unmatched.remove(name)
    }
  }

  /// Those that nothing explains, in the order of the log.
  ///
  /// `hasAll`: whether the end of the log is known. Else the erasure that explains zeros may lie
  /// behind what was read.
  func unexplained(hasAll: Bool) -> [TextName] {
    (hasAll ? damaged.union(zero) : damaged).sorted()
  }
}
