package import CohortModel

/// Where the cohorts of an older state stand in a new one.
///
///     new places   ├── the list ──┤├── dropped ──┤
///
/// A cohort is the one of before if the destination calls it the same. Dropped are those that are
/// in the list no more, and in which the destination may have somebody.
package struct OldPlaces: Sendable {
  /// How many places the list has.
  package let listed: Int
  package private(set) var dropped: [CohortName] = []
  private var places: [Int: Int] = [:]

  /// All places of before are those of now.
  package init(same listed: Int) {
    self.listed = listed
    for place in 0..<listed { places[place] = place }
  }

  init(of old: SentHead?, in new: SentHead, _ state: SentState) {
    listed = new.cohorts.count
    guard let old else { return }
    var ids: [Text: Int] = [:]
    for (place, cohort) in new.cohorts.enumerated() { ids[cohort.cohortID] = place }
    for place in 0..<old.placeCount { places[place] = ids[old.cohort(at: place).cohortID] }
    var used = Set(state.debts.map(\.cohort))
    for line in state.lines.values {
      for entry in line.entries where entry.isHeld { used.insert(Int(entry.cohort)) }
    }
    // A line of the state has two bytes for a place, which is more than anybody has dropped.
    for place in used.subtracting(places.keys).sorted().prefix(Int(UInt16.max) - listed) {
      places[place] = listed + dropped.count
      dropped.append(old.cohort(at: place))
    }
  }

  package subscript(place: Int) -> Int? { places[place] }
}
