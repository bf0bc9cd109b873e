/// How much of what was on its way to the disk arrives before the power is gone.
///
/// Tossing a coin for each of a hundred sectors would practically never show all of them, all but
/// one, or none behind some point, and those are the cases that break programs. So each crash first
/// draws a manner. `each` alone reaches every subset.
package enum Arrival: Hashable, Sendable {
  case nothing
  case everything
  /// Each by itself, so many times in 256.
  case each(chance: Int)
  case before(Int)
  case from(Int)
  case only(Int)
  case allBut(Int)

  package init(of count: Int, _ random: inout SeededRandom) {
    let one = random.below(max(count, 1))
    self =
      switch random.below(10) {
      case 0: .nothing
      case 1: .everything
      case 2: .before(one)
      case 3: .from(one)
      case 4: .only(one)
      case 5: .allBut(one)
      case 6: .each(chance: 16)
      case 7: .each(chance: 240)
      default: .each(chance: 128)
      }
  }

  package func includes(_ index: Int, _ random: inout SeededRandom) -> Bool {
    switch self {
    case .nothing: false
    case .everything: true
    case .each(let chance): random.below(256) < chance
    case .before(let bound): index < bound
    case .from(let bound): index >= bound
    case .only(let one): index == one
    case .allBut(let one): index != one
    }
  }
}
