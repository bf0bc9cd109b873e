package import CohortModel
import CohortWire

/// What a file of a forwarding says.
///
/// CONTRACT part 5. Paths in it are those of the file.
package struct ForwardFile: Hashable, Sendable {
  /// Of the ledger.
  package let endpoint: Endpoint
  /// To read its feed.
  package let readKey: SecretSource
  package let destination: DestinationSettings
  /// Which cohorts are forwarded, each id once: the destination has one partner.
  package let cohorts: [CohortName]

  /// At most; a line of the state has two bytes for the number of one.
  package static let cohortsMax = 10_000

  /// Reads the text of a file: strict JSON, every field known.
  ///
  ///     {"endpoint":"http://127.0.0.1:8080","read_key":{"env":"REST_KEY"},
  ///      "destination":{"endpoint":"https://…","partner":"ledger","partner_api_key":{…},
  ///                     "data_import_key":{…}},
  ///      "cohorts":["hightouch/vip"]}
  package init(parsing text: [UInt8]) throws(SyncFileError) {
    let document: JSONDocument
    do throws(JSONError) {
      document = try JSONDocument(parsing: text, limits: JSONLimits(byteCount: 1 << 20))
    } catch { throw .notJSON(error) }
    let fields = try FileFields(
      document.root, known: ["endpoint", "read_key", "destination", "cohorts"])
    let what = "an address such as https://ledger.example.com, without user, query and fragment"
    guard let endpoint = Endpoint(try fields.text("endpoint", what)) else {
      throw .wrong("endpoint", what)
    }
    self.endpoint = endpoint
    readKey = try fields.secret("read_key")
    destination = try DestinationSettings(
      json: fields.require("destination", "an object"), at: "destination")
    cohorts = try Self.cohorts(fields)
  }

  private static func cohorts(_ fields: FileFields) throws(SyncFileError) -> [CohortName] {
    let what = "an array of cohorts such as \"hightouch/vip\", at most \(cohortsMax)"
    let list = try fields.require("cohorts", what)
    var cohorts: [CohortName] = []
    var ids: Set<Text> = []
    guard list.kind == .array, (1...cohortsMax).contains(list.count) else {
      throw .wrong("cohorts", what)
    }
    for element in list.elements {
      guard let path = element.string, let cohort = try? CohortName(path: Array(path)) else {
        throw .wrong("cohorts", what)
      }
      guard ids.insert(cohort.cohortID).inserted else {
        throw .wrong("cohorts", "a list that has every cohort id once")
      }
      cohorts.append(cohort)
    }
    return cohorts
  }

}
