import CohortModel
package import CohortWire

extension SyncFile {
  private static let fields = [
    "name", "source", "primary_key", "match", "destination", "cohort", "removed_rows", "guard",
    "schedule", "notify",
  ]

  /// Reads the text of a file: strict JSON, every field known.
  package init(parsing text: [UInt8]) throws(SyncFileError) {
    let document: JSONDocument
    do throws(JSONError) {
      document = try JSONDocument(parsing: text, limits: JSONLimits(byteCount: 1 << 20))
    } catch { throw .notJSON(error) }
    let fields = try FileFields(document.root, known: Self.fields)
    self.init(
      name: try Self.name(fields), source: try Self.source(fields),
      primaryKey: try fields.text("primary_key", "the name of a column"),
      match: try Self.match(fields),
      destination: try DestinationSettings(
        json: fields.require("destination", "an object"), at: "destination"),
      cohort: try Self.cohort(fields), removesRows: try Self.removesRows(fields),
      guard: try Self.guardRails(fields), schedule: try Self.schedule(fields),
      notify: try Self.notify(fields))
  }

  private static func name(_ fields: FileFields) throws(SyncFileError) -> String {
    let what = "a name of 1 to 64 letters, digits, '.', '_' and '-', not beginning with '.' or '-'"
    let name = try fields.text("name", what)
    let isPlain = name.utf8.allSatisfy {
      (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
        || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
    }
    guard isPlain, name.utf8.count <= 64, name.first != ".", name.first != "-" else {
      throw .wrong("name", what)
    }
    return name
  }

  private static func source(_ fields: FileFields) throws(SyncFileError) -> Source {
    let kinds = ["command", "csv", "ndjson"]
    let source = try FileFields(
      fields.require("source", "an object"), at: "source", known: kinds)
    switch try source.one(of: kinds) {
    case "command": return .command(try source.command("command"))
    case "csv": return .csv(try source.text("csv", "the path of a file"))
    default: return .ndjson(try source.text("ndjson", "the path of a file"))
    }
  }

  private static func match(_ fields: FileFields) throws(SyncFileError) -> Match {
    let kinds = ["external_id", "alias", "device_id"]
    let match = try FileFields(fields.require("match", "an object"), at: "match", known: kinds)
    switch try match.one(of: kinds) {
    case "external_id":
      return Match(
        kind: .externalID, column: try match.text("external_id", "the name of a column"))
    case "device_id":
      return Match(kind: .device, column: try match.text("device_id", "the name of a column"))
    default:
      let alias = try FileFields(
        match.require("alias", "an object"), at: "match.alias", known: ["label", "name"])
      return Match(
        kind: .alias(label: try alias.shortText("label")),
        column: try alias.text("name", "the name of a column"))
    }
  }

  private static func cohort(_ fields: FileFields) throws(SyncFileError) -> Cohort {
    let kinds = ["create", "update"]
    let cohort = try FileFields(fields.require("cohort", "an object"), at: "cohort", known: kinds)
    guard try cohort.one(of: kinds) == "create" else {
      return Cohort(id: try cohort.shortText("update"), name: nil)
    }
    let create = try FileFields(
      cohort.require("create", "an object"), at: "cohort.create", known: ["cohort_id", "name"])
    return Cohort(id: try create.shortText("cohort_id"), name: try create.shortText("name"))
  }

  private static func removesRows(_ fields: FileFields) throws(SyncFileError) -> Bool {
    guard let value = fields["removed_rows"] else { return true }
    switch value.string.map({ String(decoding: $0, as: UTF8.self) }) {
    case "remove": return true
    case "keep": return false
    default: throw .wrong("removed_rows", "\"remove\" or \"keep\"")
    }
  }

  private static func guardRails(_ fields: FileFields) throws(SyncFileError) -> Guard {
    guard let value = fields["guard"] else { return Guard() }
    let rails = try FileFields(value, at: "guard", known: ["max_removed_share", "allow_empty"])
    var result = Guard()
    result.allowsEmpty = try rails.bool("allow_empty") ?? false
    if let share = rails["max_removed_share"] {
      guard let text = share.numberText, let read = Share(text) else {
        throw .wrong("guard.max_removed_share", "a number from 0 to 1 such as 0.3")
      }
      result.maxRemovedShare = read
    }
    return result
  }

  private static func schedule(_ fields: FileFields) throws(SyncFileError) -> Schedule? {
    guard let value = fields["schedule"] else { return nil }
    let schedule = try FileFields(value, at: "schedule", known: ["every", "cron", "time_zone"])
    if try schedule.one(of: ["every", "cron"]) == "every" {
      guard schedule["time_zone"] == nil else {
        throw .wrong("schedule", "an interval without 'time_zone', which goes with 'cron'")
      }
      let what = "a period such as \"1h\", from 1 s to 3650 d"
      guard let period = Period(text: try schedule.text("every", what)) else {
        throw .wrong("schedule.every", what)
      }
      return .every(period)
    }
    let text = try schedule.text("cron", "five fields such as \"0 6 * * 1-5\"")
    let zone = schedule["time_zone"] == nil ? "UTC" : try schedule.text("time_zone")
    guard let zone = TimeZoneName(zone) else {
      throw .unknownTimeZone(TerminalText.escaped(zone), nearest: TimeZoneName.nearest(to: zone))
    }
    do throws(CronError) { return .cron(try Cron(text), zone) } catch { throw .cron(error) }
  }

  private static func notify(_ fields: FileFields) throws(SyncFileError) -> Notify? {
    guard let value = fields["notify"] else { return nil }
    let kinds = ["webhook", "command"]
    let notify = try FileFields(value, at: "notify", known: kinds)
    guard try notify.one(of: kinds) == "webhook" else {
      return .command(try notify.command("command"))
    }
    let what = "an address that begins with https:// or http://"
    let url = try notify.text("webhook", what)
    guard url.hasPrefix("https://") || url.hasPrefix("http://"),
      url.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else { throw .wrong("notify.webhook", what) }
    return .webhook(url)
  }
}

extension DestinationSettings {
  /// Reads an object `destination`.
  ///
  /// - Throws: ``SyncFileError`` for what is missing, wrong or unknown.
  package init(json: JSONValue, at place: String) throws(SyncFileError) {
    let fields = try FileFields(
      json, at: place,
      known: ["endpoint", "partner", "partner_api_key", "data_import_key", "read_key"])
    let what =
      "an address such as https://rest.example.com, without user, query and fragment"
    guard let endpoint = Endpoint(try fields.text("endpoint", what)) else {
      throw .wrong(fields.name("endpoint"), what)
    }
    let partner = try fields.text("partner")
    let isName = partner.utf8.allSatisfy {
      (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || $0 == UInt8(ascii: "_")
        || $0 == UInt8(ascii: "-")
    }
    guard isName, partner.utf8.count <= 64 else {
      throw .wrong(fields.name("partner"), "a name of 1 to 64 of a-z, 0-9, '_' and '-'")
    }
    self.init(
      endpoint: endpoint, partner: Text(partner),
      partnerAPIKey: try fields.secret("partner_api_key"),
      dataImportKey: try fields.secret("data_import_key"),
      readKey: fields["read_key"] == nil ? nil : try fields.secret("read_key"))
  }
}
