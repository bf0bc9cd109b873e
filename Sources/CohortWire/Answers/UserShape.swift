package import CohortModel

/// A user with the identifiers that an answer may show.
package struct UserShape: Hashable, Sendable {
  package var user: UserID
  /// The primary one, if the user has one.
  package var externalID: PersonalText?
  /// Those that still match; only an answer about one user shows them.
  package var deprecatedIDs: [PersonalText]
  package var aliases: [AliasShape]
  package var devices: [PersonalText]
  package var isErased: Bool
  /// Only the number is shown: to readers without the right to identifiers.
  package var isHidden = false

  package init(
    user: UserID, externalID: PersonalText? = nil, deprecatedIDs: [PersonalText] = [],
    aliases: [AliasShape] = [], devices: [PersonalText] = [], isErased: Bool = false
  ) {
    self.user = user
    self.externalID = externalID
    self.deprecatedIDs = deprecatedIDs
    self.aliases = aliases
    self.devices = devices
    self.isErased = isErased
  }

  /// A user of whom only the number is shown.
  package init(hidden user: UserID) {
    self.init(user: user, aliases: [AliasShape]())
    isHidden = true
  }

  /// The same of texts that are all there.
  package init(
    user: UserID, externalID: PersonalText?, deprecatedIDs: [PersonalText] = [],
    aliases: [Alias], devices: [Text], isErased: Bool = false
  ) {
    self.init(
      user: user, externalID: externalID, deprecatedIDs: deprecatedIDs,
      aliases: aliases.map { AliasShape(label: $0.label, name: PersonalText($0.name.bytes)) },
      devices: devices.map { PersonalText($0.bytes) }, isErased: isErased)
  }
}

package struct AliasShape: Hashable, Sendable {
  package var label: Text
  package var name: PersonalText

  package init(label: Text, name: PersonalText) {
    self.label = label
    self.name = name
  }
}
