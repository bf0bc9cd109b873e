/// Which texts were destroyed, and which destructions may not have reached every file yet.
public struct Erasures: Hashable, Sendable {
  /// The first erasure of each user.
  private var byUser: [UserID: Position] = [:]
  /// Positions of erase and forget events that no `erasureFinished` names, ascending.
  public private(set) var pending: [Position] = []

  public init() {}

  /// Whether nobody was erased.
  package var isEmpty: Bool { byUser.isEmpty }

  public func erasure(of user: UserID) -> Position? { byUser[user] }

  mutating func add(_ event: UserErased, at position: Position) {
    if let user = event.user, byUser[user] == nil { byUser[user] = position }
    pending.append(position)
  }

  mutating func addForgetting(at position: Position) { pending.append(position) }

  mutating func finish(_ erasure: Position) { pending.removeAll { $0 == erasure } }
}
