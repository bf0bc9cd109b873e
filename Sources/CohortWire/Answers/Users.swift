package import CohortModel

// How users and identifiers stand in answers and events. A text that was erased is null, and
// beside it stands `"erased":true`.

extension JSONWriter {
  /// Writes a user with what identifiers it has: `{"user":17,"external_id":"…"}`.
  package mutating func user(_ user: UserID, _ names: Names) {
    guard let shown = names.shown(user) else {
      object { $0.member("user", user.rawValue) }
      return
    }
    object { json in
      json.member("user", user.rawValue)
      if let text = shown.externalID { json.personal("external_id", text) }
      if !shown.aliases.isEmpty { json.aliases(shown.aliases) }
      if !shown.devices.isEmpty { json.devices(shown.devices) }
      if shown.isErased || shown.externalID == .erased { json.member("erased", true) }
    }
  }

  /// Writes a member of a list, with all four fields even if they are empty.
  package mutating func listed(_ shown: UserShape) {
    object { json in
      json.member("user", shown.user.rawValue)
      if shown.isHidden { return }
      json.personal("external_id", shown.externalID ?? .erased)
      json.aliases(shown.aliases)
      json.devices(shown.devices)
      if shown.isErased { json.member("erased", true) }
    }
  }

  /// Writes the members that say who somebody is, deprecated external ids too.
  mutating func identifiers(_ shown: UserShape) {
    member("user", shown.user.rawValue)
    personal("external_id", shown.externalID ?? .erased)
    key("deprecated_external_ids")
    array { for id in shown.deprecatedIDs { $0.personal(id) } }
    aliases(shown.aliases)
    devices(shown.devices)
    if shown.isErased { member("erased", true) }
  }

  private mutating func aliases(_ aliases: [AliasShape]) {
    key("aliases")
    array { for alias in aliases { $0.identifier(.alias(label: alias.label, name: alias.name)) } }
  }

  private mutating func devices(_ devices: [PersonalText]) {
    key("device_ids")
    array { for device in devices { $0.personal(device) } }
  }

  /// Writes a personal text, null if it was erased.
  mutating func personal(_ text: PersonalText) {
    if let bytes = text.bytes { string(utf8: bytes) } else { null() }
  }

  mutating func personal(_ key: String, _ text: PersonalText) {
    self.key(key)
    personal(text)
  }

  /// Writes an identifier by its kind: `{"external_id":"…"}`, `{"device_id":"…"}` or
  /// `{"alias_label":"…","alias_name":"…"}`.
  ///
  /// - Parameters:
  ///   - name: The identifier.
  ///   - isHidden: Personal texts are null, and it is not said whether they were erased.
  package mutating func identifier(_ name: IdentifierName, isHidden: Bool = false) {
    object { json in
      switch name {
      case .externalID: json.key("external_id")
      case .device: json.key("device_id")
      case .alias(let label, _):
        json.member("alias_label", utf8: label.bytes)
        json.key("alias_name")
      }
      json.personal(isHidden ? .erased : name.text)
      if !isHidden, name.text.bytes == nil { json.member("erased", true) }
    }
  }
}
