import CohortModel
import Testing

@testable import CohortSync

/// A parcel as tests write one.
func parcel(
  removing removals: [String] = [], adding additions: [String] = [], named: Bool = false,
  kind: MatchKind = .externalID, wantsResults: Bool = true
) -> Parcel {
  Parcel(
    cohort: CohortName(partner: "shop", cohortID: "vip"), kind: kind,
    naming: named ? Parcel.Naming(name: "Best", createdAt: Instant(microseconds: 0)) : nil,
    removals: chosen(removals), additions: chosen(additions), wantsResults: wantsResults)
}

private func chosen(_ texts: [String]) -> ChosenIdentifiers {
  let sorted = texts.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
  let list = TextList(sorted)
  let ranks = (0..<UInt32(sorted.count)).map { $0 }
  return ChosenIdentifiers(
    Identifiers(texts: list, keys: list), ranks: ranks)
}

extension ChosenIdentifiers {
  func name(_ index: Int) -> String { String(decoding: self[index], as: UTF8.self) }

  var names: [String] { (0..<count).map { name($0) } }
}

/// Holds what a delivery says against what the destination knows.
func expectTruth(
  _ delivered: Delivered, of parcel: Parcel, at destination: DestinationDouble,
  _ sourceLocation: SourceLocation = #_sourceLocation
) {
  var taken = 0
  for (isRemoval, identifiers, fates) in [
    (true, parcel.removals, delivered.removals), (false, parcel.additions, delivered.additions),
  ] {
    for (name, fate) in zip(identifiers.names, fates) {
      let told = DestinationDouble.Told(isRemoval: isRemoval, identifier: name)
      let isTold = destination.told.contains(told)
      let isRight: Bool
      switch fate {
      case .notSent: isRight = !isTold
      case .unsure: isRight = delivered.stopped != nil
      case .refused: isRight = !isTold
      case .accepted: isRight = isTold && !parcel.wantsResults
      case .unknown: isRight = isTold && !destination.users.contains(name)
      case .added, .alreadyMember:
        isRight = isTold && !isRemoval && destination.members.contains(name)
      case .removed, .notMember:
        isRight = isTold && isRemoval && !destination.members.contains(name)
      case .identified, .merged: isRight = false
      }
      #expect(isRight, "\(name) is \(fate)", sourceLocation: sourceLocation)
      if fate != .notSent, fate != .unsure, fate != .refused { taken += 1 }
      #expect(
        destination.flips[name, default: 0] <= 1, "\(name) changed twice",
        sourceLocation: sourceLocation)
      if delivered.stopped == nil {
        #expect(fate != .notSent && fate != .unsure, "\(name)", sourceLocation: sourceLocation)
      }
    }
  }
  #expect(delivered.sent == taken, sourceLocation: sourceLocation)
  let refused = (delivered.removals + delivered.additions).filter { $0 == .refused }.count
  #expect(delivered.refusals.count == refused, sourceLocation: sourceLocation)
  #expect(Set(delivered.refusals).count == refused, sourceLocation: sourceLocation)
}
