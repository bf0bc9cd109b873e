package import CohortModel

/// `POST /ledger/keys`, before there is a secret (RULES §9).
package struct NewKey: Hashable, Sendable {
  package let kind: KeyKind
  package let partner: Text?
  package let label: Text
  package let permissions: Permissions
  package let networks: [Network]
  package let expiresAt: Instant?

  package init(
    kind: KeyKind, partner: Text?, label: Text, permissions: Permissions = [],
    networks: [Network] = [], expiresAt: Instant? = nil
  ) {
    self.kind = kind
    self.partner = partner
    self.label = label
    self.permissions = permissions
    self.networks = networks
    self.expiresAt = expiresAt
  }

  /// The wish to issue it.
  ///
  /// - Parameter digest: SHA-256 of the secret, which begins with the kind's prefix.
  /// - Returns: What to submit.
  package func wish(digest: Digest) -> Wish {
    .issueKey(
      IssueKey(
        kind: kind, partner: partner, label: label, permissions: permissions, networks: networks,
        expiresAt: expiresAt, digest: digest))
  }

  init(body: JSONValue) throws(WireError) {
    let fields = try Fields(
      body, known: ["kind", "partner", "label", "permissions", "networks", "expires_at"])
    let kinds = KeyKind.allCases.map(\.name)
    let name = try fields.requiredText("kind")
    guard let kind = KeyKind.allCases.first(where: { $0.name == name.description }) else {
      throw .unknown("kind of key", name.bytes, known: kinds)
    }
    let permissions = try fields.texts("permissions")
    guard kind == .rest || (permissions ?? []).isEmpty else {
      throw WireError(400, "Only REST keys have permissions. Leave 'permissions' out.")
    }
    var granted: [Permission] = []
    for text in permissions ?? [] {
      guard let permission = Permission(name: text.description) else {
        throw .unknown("permission", text.bytes, known: Permission.allCases.map(\.name))
      }
      granted.append(permission)
    }
    var networks: [Network] = []
    for text in try fields.texts("networks") ?? [] {
      guard let network = Network(text.description) else {
        throw .notA("an array of networks such as \"10.0.0.0/8\"", "networks")
      }
      networks.append(network)
    }
    self.init(
      kind: kind, partner: try fields.text("partner"), label: try fields.requiredText("label"),
      permissions: Permissions(granted), networks: networks,
      expiresAt: try fields.instant("expires_at"))
  }
}

/// `POST /ledger/partners`: which partner, and where its key comes from.
package struct NewPartner: Hashable, Sendable {
  package enum PartnerKey: Hashable, Sendable {
    /// The partner's own, as it was sent.
    case given([UInt8])
    /// Still to be made.
    case made
    /// Fixed by the first request.
    case learned
  }

  package let code: Text
  package let displayName: Text?
  package let key: PartnerKey

  package init(code: Text, displayName: Text? = nil, key: PartnerKey = .made) {
    self.code = code
    self.displayName = displayName
    self.key = key
  }

  /// The wish to enable it.
  ///
  /// - Parameter digest: SHA-256 of the key given or made; `nil` for one to be learned.
  /// - Returns: What to submit.
  package func wish(digest: Digest?) -> Wish {
    .enablePartner(
      EnablePartner(
        code: code, displayName: displayName, key: digest.map { .digest($0) } ?? .learned))
  }

  init(body: JSONValue) throws(WireError) {
    let fields = try Fields(
      body, known: ["partner", "partner_api_key", "learn", "display_name"])
    let secret = try fields.text("partner_api_key")
    let learns = try fields.bool("learn") ?? false
    guard secret?.bytes.isEmpty != true else {
      throw WireError(400, "'partner_api_key' is empty. Leave it out to have one made.")
    }
    guard secret == nil || !learns else {
      throw WireError(
        400, "'partner_api_key' and 'learn' exclude each other. Leave one of them out.")
    }
    self.init(
      code: try fields.requiredText("partner"), displayName: try fields.text("display_name"),
      key: secret.map { .given($0.bytes) } ?? (learns ? .learned : .made))
  }
}

extension UserName {
  /// Reads whom a body names: by exactly one of `external_id`, `user_alias` or `alias_label` with
  /// `alias_name`, `device_id`, and `user`.
  ///
  /// - Throws: ``WireError`` for none or several, and for unknown fields.
  package init(body: JSONValue) throws(WireError) {
    let fields = try Fields(
      body,
      known: ["external_id", "user_alias", "alias_label", "alias_name", "device_id", "user"])
    var names: [UserName] = []
    if let id = try fields.text("external_id") { names.append(.externalID(id)) }
    if let id = try fields.text("device_id") { names.append(.device(id)) }
    if let value = fields["user"] {
      guard
        let user = value.unsignedInteger.flatMap(UInt32.init(exactly:)).map({ UserID($0) })
          ?? value.ownText.flatMap({ UserID($0.description) })
      else { throw .notA("a user such as 17 or \"user:17\"", "user") }
      names.append(.number(user))
    }
    if let object = fields["user_alias"] {
      let alias = try Fields(object, at: "user_alias", known: ["alias_label", "alias_name"])
      names.append(
        .alias(
          label: try alias.requiredText("alias_label"), name: try alias.requiredText("alias_name"))
      )
    }
    if fields["alias_label"] != nil || fields["alias_name"] != nil {
      names.append(
        .alias(
          label: try fields.requiredText("alias_label"),
          name: try fields.requiredText("alias_name")))
    }
    guard let name = names.first, names.count == 1 else {
      throw WireError(
        400,
        "\(names.isEmpty ? "No user is named" : "The user is named more than once"). "
          + "Send one of external_id, user_alias, device_id or user.")
    }
    self = name
  }
}
