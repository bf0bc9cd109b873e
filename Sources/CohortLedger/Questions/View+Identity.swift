public import CohortModel

/// With whose eyes identifiers are read.
///
/// RULES §1.
public enum IdentityTime: String, Hashable, Sendable, CaseIterable {
  /// Those of the question's position.
  case then
  /// Those of now, with everyone who was merged since.
  case now
}

/// The identifiers of a user at one position.
public struct Identity: Hashable, Sendable {
  /// The primary one.
  public var externalID: PersonalText?
  /// Those that still match.
  public var deprecatedIDs: [PersonalText] = []
  /// By label, then name, as bytes.
  public var aliases: [Alias] = []
  public var devices: [Text] = []
  /// Identifiers there were whose texts are destroyed.
  public var isErased = false

  public init() {}
}

/// A user as an answer shows it.
public struct ShownUser: Hashable, Sendable {
  public let user: UserID
  public let identity: Identity

  public init(user: UserID, identity: Identity) {
    self.user = user
    self.identity = identity
  }
}

/// Who bore an identifier, and when: the answer to a name that names nobody.
public struct EarlierBearer: Hashable, Sendable {
  public let user: UserID
  public let role: IdentifierRole
  public let from: Position
  /// `nil`: to this day.
  public let until: Position?
}

extension View {
  /// The identifiers that `user` bears at this view's position.
  ///
  /// - Complexity: O(identifiers that the user ever had).
  public func identity(of user: UserID) -> Identity {
    identity(of: user, at: isNow ? .never : position)
  }

  /// The identifiers that `user` bears in the durable present.
  public func identityNow(of user: UserID) -> Identity { identity(of: user, at: .never) }

  private func identity(of user: UserID, at position: Position) -> Identity {
    var identity = Identity()
    // Whoever was merged into an erased user was erased with it.
    identity.isErased = state.erasures.erasure(of: state.directory.survivor(of: user)) != nil
    for (identifier, role) in state.directory.identifiers(of: user, at: position) {
      guard let bytes = state.directory.text(of: identifier) else { continue }
      switch role {
      case .primary: identity.externalID = PersonalText(bytes)
      case .deprecated: identity.deprecatedIDs.append(PersonalText(bytes))
      case .alias:
        guard case .alias(let label) = state.directory.kind(of: identifier) else { continue }
        identity.aliases.append(
          Alias(label: Text(bytes: state.directory.text(of: label)), name: Text(bytes: bytes)))
      case .device: identity.devices.append(Text(bytes: bytes))
      case .merged, .free: break
      }
    }
    identity.aliases.sort { ($0.label, $0.name) < ($1.label, $1.name) }
    identity.devices.sort()
    return identity
  }

  /// The user as this view shows it.
  public func shown(_ user: UserID, identity time: IdentityTime = .then) -> ShownUser {
    ShownUser(user: user, identity: time == .then ? identity(of: user) : identityNow(of: user))
  }

  /// Who a name names.
  ///
  /// RULES §1.
  ///
  /// - `time`: `then`: who bears it at the position. `now`: who bears it now, its survivor
  ///   if it was merged away.
  /// - Returns: `nil` if nobody does; see ``earlierBearers(of:)``.
  public func user(_ name: UserName, identity time: IdentityTime = .then) -> UserID? {
    let seen = time == .now || isNow ? Position.never : position
    let directory = state.directory
    switch name {
    case .number(let user):
      guard directory.contains(user), directory.created(user) <= position || time == .now else {
        return nil
      }
      return user
    case .externalID, .alias, .device:
      guard let kind = kind(of: name),
        let identifier = directory.identifier(kind, Self.text(of: name).bytes.span, at: seen),
        let bearer = directory.bearer(of: identifier, at: seen)
      else { return nil }
      guard bearer.role == .merged else { return bearer.user }
      return time == .now ? directory.survivor(of: bearer.user) : nil
    }
  }

  /// Everyone who ever bore the identifier, oldest first.
  public func earlierBearers(of name: UserName) -> [EarlierBearer] {
    guard let kind = kind(of: name) else { return [] }
    return state.directory.everBorne(kind, Self.text(of: name).bytes.span).map {
      EarlierBearer(
        user: $0.user, role: $0.role, from: $0.from, until: $0.until == .never ? nil : $0.until)
    }
  }

  private func kind(of name: UserName) -> IdentifierKind? {
    switch name {
    case .externalID: return .externalID
    case .device: return .device
    case .alias(let label, _): return state.directory.label(label.bytes.span).map { .alias($0) }
    case .number: return nil
    }
  }

  private static func text(of name: UserName) -> Text {
    switch name {
    case .externalID(let text), .device(let text): text
    case .alias(_, let name): name
    case .number: ""
    }
  }

  /// What had become of a user by this position.
  public func status(of user: UserID) -> UserStatus {
    state.directory.status(of: user, at: isNow ? .never : position)
  }

  /// Everyone who was this user's person at the view's position: itself, and all merged into it.
  public func persons(of user: UserID) -> [UserID] {
    [user] + state.directory.mergedUsers(into: user, at: isNow ? .never : position)
  }

  /// Who a user of the past is in the durable present.
  public func survivorNow(of user: UserID) -> UserID { state.directory.survivor(of: user) }
}
