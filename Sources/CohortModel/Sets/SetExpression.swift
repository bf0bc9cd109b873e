/// A set of users made of other sets.
///
/// Evaluating takes one pass over the chunks of all leaves: each chunk goes through the whole tree
/// while it is in the nearest cache, and no set in between is ever made.
public indirect enum SetExpression: Sendable {
  case users(LiveUsers)
  /// Whoever is in any of these; nobody if there are none.
  case union([SetExpression])
  /// Whoever is in all of these; nobody if there are none, for want of a universe.
  case intersection([SetExpression])
  /// Whoever is in the first and not in the second.
  case difference(SetExpression, minus: SetExpression)

  /// Whoever is in `universe` and not in `expression`.
  public static func complement(of expression: SetExpression, in universe: LiveUsers) -> Self {
    .difference(.users(universe), minus: expression)
  }

  /// The set, whose new chunks have the smallest layout.
  ///
  /// A chunk that comes out just as it is in a leaf is shared with that leaf.
  ///
  /// - Complexity: O(chunks × leaves): about 0.3 µs for each 65,536 numbers and leaf.
  public func evaluated() -> LiveUsers {
    var evaluation = SetEvaluation(of: self)
    return evaluation.users()
  }

  /// How many users the set has; cheaper than making it.
  public var count: Int {
    var evaluation = SetEvaluation(of: self)
    return evaluation.count()
  }
}

extension LiveUsers {
  /// Holds the users of a packed set, in the smallest layout.
  public init(_ packed: PackedUsers) {
    self.init()
    apply(added: packed, removed: PackedUsers())
    compact()
  }

  /// Those of `packed` that are members.
  ///
  /// - Complexity: O(count of `packed`), however great this set is.
  public func filtered(by packed: PackedUsers) -> PackedUsers {
    var members: [UInt32] = []
    packed.forEachBlock { selectPresent(from: $0, into: &members) }
    return PackedUsers(sorted: members.span)
  }
}
