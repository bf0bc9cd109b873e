import CohortModel

/// Puts tellings into parcels that keep their order where it matters.
///
/// A parcel tells what leaves before what enters. Parcels of one round are independent of each
/// other, and a round begins when all of the one before was answered:
///
///     step     0        1       2        3       …
///              leaves   enters  leaves   enters
///     round    ├────── 0 ─────┤├────── 1 ──────┤
///
/// Two tellings of one cohort keep their order if they are of one user, of one identifier, or if
/// one must be behind the other; all others may change places. So a catch-up of millions of changes
/// goes out in few parcels of many, and somebody who came and went still comes before going.
package struct Rounds: Sendable {
  package struct Group: Hashable, Sendable {
    package let cohort: Int
    package let kind: MatchKind
    /// Places of tellings.
    package var removals: [Int] = []
    package var additions: [Int] = []
  }

  package private(set) var rounds: [[Group]] = []

  private struct Place: Hashable {
    let round: Int
    let cohort: Int
    let kind: MatchKind
  }

  private struct Who<Name: Hashable>: Hashable {
    let cohort: Int
    let name: Name
  }

  package init(_ tellings: [Telling]) {
    var steps: [Int] = []
    var users: [Who<UserID>: Int] = [:]
    var texts: [Who<SentIdentifier>: Int] = [:]
    var groups: [Place: Int] = [:]
    steps.reserveCapacity(tellings.count)
    for (index, telling) in tellings.enumerated() {
      let text = Who(cohort: telling.cohort, name: telling.identifier)
      let user = telling.user.map { Who(cohort: telling.cohort, name: $0) }
      var step = telling.isRemoval ? 0 : 1
      for (before, isStrict) in [
        (user.flatMap { users[$0] }, false), (texts[text], false), (telling.behind, true),
      ] {
        guard let before else { continue }
        step = max(
          step, Self.step(of: telling, behind: tellings[before], steps[before], isStrict))
      }
      steps.append(step)
      if let user { users[user] = index }
      texts[text] = index
      add(index, telling, round: step / 2, &groups)
    }
  }

  /// The first step in which a telling can stand.
  private static func step(
    of telling: Telling, behind other: Telling, _ step: Int, _ isStrict: Bool
  ) -> Int {
    if telling.identifier.kind == other.identifier.kind {
      guard isStrict || telling.isRemoval != other.isRemoval else { return step }
      // The next of its own kind: what leaves has even numbers.
      return step + (telling.isRemoval == other.isRemoval ? 2 : 1)
    }
    // Identifiers of two kinds are in two parcels, so only the next round is behind.
    return (step / 2 + 1) * 2 + (telling.isRemoval ? 0 : 1)
  }

  private mutating func add(
    _ index: Int, _ telling: Telling, round: Int, _ groups: inout [Place: Int]
  ) {
    while rounds.count <= round { rounds.append([]) }
    let place = Place(round: round, cohort: telling.cohort, kind: telling.identifier.kind)
    let group = groups[place] ?? rounds[round].count
    if group == rounds[round].count {
      rounds[round].append(Group(cohort: telling.cohort, kind: telling.identifier.kind))
      groups[place] = group
    }
    if telling.isRemoval {
      rounds[round][group].removals.append(index)
    } else {
      rounds[round][group].additions.append(index)
    }
  }
}

extension Rounds.Group {
  /// The parcel that tells it.
  func parcel(_ tellings: [Telling], to cohort: CohortName) -> Parcel {
    func chosen(_ places: [Int]) -> ChosenIdentifiers {
      let texts = TextList(places.map { tellings[$0].identifier.text })
      let keys = TextList(Array(repeating: [UInt8](), count: places.count))
      let order = places.indices.map { UInt32($0) }
      return ChosenIdentifiers(
        Identifiers(texts: texts, keys: keys), ranks: order)
    }
    return Parcel(
      cohort: cohort, kind: kind, naming: nil, removals: chosen(removals),
      additions: chosen(additions), wantsResults: true)
  }
}
