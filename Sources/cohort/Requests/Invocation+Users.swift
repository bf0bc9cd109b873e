import CohortLedger
import CohortModel
import CohortWire

extension Invocation {
  /// Who a selector names, as of a view and with the identities that `--identity` says.
  ///
  /// - Throws: ``Failure`` that says who bore the identifier, and when.
  func user(_ index: Int, in view: View) throws -> UserID {
    let name = try userName(index)
    if let user = view.user(name, identity: identity) { return user }
    throw Failure(.refused, view.absence(of: name))
  }
}

extension View {
  /// Why a name names nobody here.
  func absence(of name: UserName) -> String {
    if case .number(let user) = name {
      return "There is no \(user) at \(position). Look for the user by an identifier."
    }
    let bearers = earlierBearers(of: name)
    guard !bearers.isEmpty else {
      return TerminalText.escaped(Refusal.unknownUser(name).description)
    }
    let told = bearers.map { bearer in
      let until = bearer.until.map { "to \($0)" } ?? "on"
      return bearer.role == .merged
        ? "\(bearer.user), merged into \(survivorNow(of: bearer.user)), from \(bearer.from) \(until)"
        : "\(bearer.user) from \(bearer.from) \(until)"
    }
    let name = TerminalText.escaped(name.description)
    return "Nobody bears \(name) at \(position). It was borne by \(told.joined(separator: "; "))."
  }
}
