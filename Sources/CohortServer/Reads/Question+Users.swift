import CohortLedger
import CohortModel
import CohortWire

// One user: `GET /ledger/users`, `GET /ledger/users/history`, `POST /users/export/ids`.

extension Question {
  /// The user as of, with cohorts and segments.
  func user() throws -> Answered {
    let standing = try standing()
    let user = try user(standing)
    let view = standing.view
    let shape = UserAsOfShape(
      user: try shown(user, standing), status: view.status(of: user), asOf: view.asOfShape,
      cohorts: try view.cohorts(of: user).map { cohort in
        let record = view.state.cohorts[cohort]
        return (record.name, record.displayName.value(at: view.position) ?? record.name.cohortID)
      }, segments: try view.segments(of: user).map { ($0.segment, $0.name) },
      merged: view.persons(of: user).filter { $0 != user })
    return .value(at: view.position) { $0.user(shape) }
  }

  /// Everything that happened to a user and those merged into it, oldest first.
  func userHistory() throws -> Answered {
    let standing = try standing()
    let view = standing.view
    let user = try user(standing)
    let others = view.earlierBearers(of: try standing.query.userName()).filter { $0.user != user }
    let entries = try view.history(of: user).map { HistoryEntryShape($0, in: view.state) }
    let names = view.wireNames
    let listing = Listing("history", entries) { $0.historyEntry($1, names) }
    let shown = try shown(user, standing)
    return try answer(listing, standing) { json in
      json.key("user")
      json.listed(shown)
      json.bearers(others.map { BearerShape($0) })
    }
  }

  /// Who the query names.
  ///
  /// - Throws: 404, with who bore the identifier and when.
  func user(_ standing: Standing) throws(WireError) -> UserID {
    let name = try standing.query.userName()
    let identity = try standing.identity
    guard let user = standing.view.user(name, identity: identity) else {
      throw standing.view.absence(of: name)
    }
    return user
  }

  func shown(_ user: UserID, _ standing: Standing) throws(WireError) -> UserShape {
    standing.view.state.shown(user, at: standing.namesAt(try standing.identity))
  }

  /// The users that a body names, each once, and the names that are nobody's.
  func exportUsers() throws -> Answered {
    let wish = try ExportUsers(body: object())
    let standing = try standing()
    let (view, identity) = (standing.view, try standing.identity)
    var users: [UserID] = []
    var invalid: [UserName] = []
    for name in wish.names {
      guard let user = view.user(name, identity: identity) else {
        invalid.append(name)
        continue
      }
      if !users.contains(user) { users.append(user) }
    }
    let found = try users.map { user in
      (
        user: try shown(user, standing),
        cohorts: try view.cohorts(of: user).map { view.state.cohorts[$0].name },
        segments: try view.segments(of: user).map(\.segment)
      )
    }
    return .object(at: view.position) { json in
      json.member("message", "success")
      json.key("users")
      json.array { json in
        for user in found {
          json.exported(user.user, cohorts: user.cohorts, segments: user.segments)
        }
      }
      json.key("invalid_user_ids")
      json.array { json in for name in invalid { json.invalid(name) } }
      json.asOf(view.asOfShape)
    }
  }
}

extension JSONWriter {
  /// An external id or a device id as it was sent, an alias as an object.
  fileprivate mutating func invalid(_ name: UserName) {
    switch name {
    case .externalID(let id), .device(let id): string(utf8: id.bytes)
    case .alias(let label, let name):
      object {
        $0.member("alias_name", utf8: name.bytes)
        $0.member("alias_label", utf8: label.bytes)
      }
    case .number(let user): integer(user.rawValue)
    }
  }
}

extension View {
  /// That nobody bears a name here, and who bore it.
  func absence(of name: UserName) -> WireError {
    let bearers = earlierBearers(of: name).filter { $0.from <= position || !isNow }
    let members: [JSONText.Member] = [
      JSONText.Member(
        "bearers",
        .array(
          bearers.map { bearer in
            var members = [
              JSONText.Member("user", .integer(Int64(bearer.user.rawValue))),
              JSONText.Member("role", .string("\(bearer.role)")),
              JSONText.Member("from", .integer(Int64(clamping: bearer.from.rawValue))),
              JSONText.Member(
                "until", bearer.until.map { .integer(Int64(clamping: $0.rawValue)) } ?? .null),
            ]
            let survivor = survivorNow(of: bearer.user)
            if survivor != bearer.user {
              members.append(JSONText.Member("survivor", .integer(Int64(survivor.rawValue))))
            }
            return .object(members)
          }))
    ]
    guard bearers.isEmpty else {
      return WireError(
        404,
        "Nobody bears this identifier at \(position); others did, or will. "
          + "Ask as of a position at which somebody does, or with 'identity=now'.", members)
    }
    return WireError(
      404, "There is no such user at \(position). Look for the user by another identifier.",
      members)
  }
}
