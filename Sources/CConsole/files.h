// Every file of the console, written by Tools/Checks/console_files.sh. Included by assets.c.
#define ASSET api.js
#include "asset.h"
#define ASSET css/audiences.css
#include "asset.h"
#define ASSET css/base.css
#include "asset.h"
#define ASSET css/cohorts.css
#include "asset.h"
#define ASSET css/controls.css
#include "asset.h"
#define ASSET css/ledger.css
#include "asset.h"
#define ASSET css/plots.css
#include "asset.h"
#define ASSET css/segment-builder.css
#include "asset.h"
#define ASSET css/segments.css
#include "asset.h"
#define ASSET css/shell.css
#include "asset.h"
#define ASSET css/tables.css
#include "asset.h"
#define ASSET css/tokens.css
#include "asset.h"
#define ASSET css/users.css
#include "asset.h"
#define ASSET css/widgets.css
#include "asset.h"
#define ASSET dom.js
#include "asset.h"
#define ASSET early.js
#include "asset.h"
#define ASSET feed.js
#include "asset.h"
#define ASSET format.js
#include "asset.h"
#define ASSET i18n.js
#include "asset.h"
#define ASSET index.html
#include "asset.h"
#define ASSET lang/de/audiences.js
#include "asset.h"
#define ASSET lang/de/cohorts.js
#include "asset.h"
#define ASSET lang/de/ledger.js
#include "asset.h"
#define ASSET lang/de/partners.js
#include "asset.h"
#define ASSET lang/de/segments.js
#include "asset.h"
#define ASSET lang/de/shell.js
#include "asset.h"
#define ASSET lang/de/users.js
#include "asset.h"
#define ASSET lang/en/audiences.js
#include "asset.h"
#define ASSET lang/en/cohorts.js
#include "asset.h"
#define ASSET lang/en/ledger.js
#include "asset.h"
#define ASSET lang/en/partners.js
#include "asset.h"
#define ASSET lang/en/segments.js
#include "asset.h"
#define ASSET lang/en/shell.js
#include "asset.h"
#define ASSET lang/en/users.js
#include "asset.h"
#define ASSET lang/es/audiences.js
#include "asset.h"
#define ASSET lang/es/cohorts.js
#include "asset.h"
#define ASSET lang/es/ledger.js
#include "asset.h"
#define ASSET lang/es/partners.js
#include "asset.h"
#define ASSET lang/es/segments.js
#include "asset.h"
#define ASSET lang/es/shell.js
#include "asset.h"
#define ASSET lang/es/users.js
#include "asset.h"
#define ASSET lang/fr/audiences.js
#include "asset.h"
#define ASSET lang/fr/cohorts.js
#include "asset.h"
#define ASSET lang/fr/ledger.js
#include "asset.h"
#define ASSET lang/fr/partners.js
#include "asset.h"
#define ASSET lang/fr/segments.js
#include "asset.h"
#define ASSET lang/fr/shell.js
#include "asset.h"
#define ASSET lang/fr/users.js
#include "asset.h"
#define ASSET lang/pt-br/audiences.js
#include "asset.h"
#define ASSET lang/pt-br/cohorts.js
#include "asset.h"
#define ASSET lang/pt-br/ledger.js
#include "asset.h"
#define ASSET lang/pt-br/partners.js
#include "asset.h"
#define ASSET lang/pt-br/segments.js
#include "asset.h"
#define ASSET lang/pt-br/shell.js
#include "asset.h"
#define ASSET lang/pt-br/users.js
#include "asset.h"
#define ASSET main.js
#include "asset.h"
#define ASSET pages/audience.js
#include "asset.h"
#define ASSET pages/campaign-edit.js
#include "asset.h"
#define ASSET pages/campaign.js
#include "asset.h"
#define ASSET pages/campaigns.js
#include "asset.h"
#define ASSET pages/cohort.js
#include "asset.h"
#define ASSET pages/cohorts.js
#include "asset.h"
#define ASSET pages/ledger.js
#include "asset.h"
#define ASSET pages/partner.js
#include "asset.h"
#define ASSET pages/partners.js
#include "asset.h"
#define ASSET pages/parts/audience-kinds.js
#include "asset.h"
#define ASSET pages/parts/audience-names.js
#include "asset.h"
#define ASSET pages/parts/audience-reach.js
#include "asset.h"
#define ASSET pages/parts/audience-segments.js
#include "asset.h"
#define ASSET pages/parts/audience-why.js
#include "asset.h"
#define ASSET pages/parts/cohort-changes.js
#include "asset.h"
#define ASSET pages/parts/cohort-difference.js
#include "asset.h"
#define ASSET pages/parts/cohort-facts.js
#include "asset.h"
#define ASSET pages/parts/cohort-members.js
#include "asset.h"
#define ASSET pages/parts/cohort-rows.js
#include "asset.h"
#define ASSET pages/parts/dependants.js
#include "asset.h"
#define ASSET pages/parts/ledger-events.js
#include "asset.h"
#define ASSET pages/parts/ledger-feed.js
#include "asset.h"
#define ASSET pages/parts/ledger-metrics.js
#include "asset.h"
#define ASSET pages/parts/ledger-plots.js
#include "asset.h"
#define ASSET pages/parts/ledger-status.js
#include "asset.h"
#define ASSET pages/parts/partner-dialogs.js
#include "asset.h"
#define ASSET pages/parts/partner-keys.js
#include "asset.h"
#define ASSET pages/parts/segment-builder.js
#include "asset.h"
#define ASSET pages/parts/segment-facts.js
#include "asset.h"
#define ASSET pages/parts/segment-filter.js
#include "asset.h"
#define ASSET pages/parts/segment-leaf.js
#include "asset.h"
#define ASSET pages/parts/segment-members.js
#include "asset.h"
#define ASSET pages/parts/segment-model.js
#include "asset.h"
#define ASSET pages/parts/segment-names.js
#include "asset.h"
#define ASSET pages/parts/segment-overlap.js
#include "asset.h"
#define ASSET pages/parts/segment-pick.js
#include "asset.h"
#define ASSET pages/parts/segment-preview.js
#include "asset.h"
#define ASSET pages/parts/segment-sets.js
#include "asset.h"
#define ASSET pages/parts/segment-versions.js
#include "asset.h"
#define ASSET pages/parts/segment-words.js
#include "asset.h"
#define ASSET pages/parts/user-history.js
#include "asset.h"
#define ASSET pages/parts/user-lanes.js
#include "asset.h"
#define ASSET pages/parts/user-lookup.js
#include "asset.h"
#define ASSET pages/parts/user-memberships.js
#include "asset.h"
#define ASSET pages/parts/user-picture.js
#include "asset.h"
#define ASSET pages/parts/user-reasons.js
#include "asset.h"
#define ASSET pages/parts/user-why.js
#include "asset.h"
#define ASSET pages/request.js
#include "asset.h"
#define ASSET pages/segment-edit.js
#include "asset.h"
#define ASSET pages/segment.js
#include "asset.h"
#define ASSET pages/segments.js
#include "asset.h"
#define ASSET pages/users.js
#include "asset.h"
#define ASSET router.js
#include "asset.h"
#define ASSET routes.js
#include "asset.h"
#define ASSET session.js
#include "asset.h"
#define ASSET shell.js
#include "asset.h"
#define ASSET signin.js
#include "asset.h"
#define ASSET widgets/copy.js
#include "asset.h"
#define ASSET widgets/dialog.js
#include "asset.h"
#define ASSET widgets/events.js
#include "asset.h"
#define ASSET widgets/filtered.js
#include "asset.h"
#define ASSET widgets/form.js
#include "asset.h"
#define ASSET widgets/icons.js
#include "asset.h"
#define ASSET widgets/identifier.js
#include "asset.h"
#define ASSET widgets/live.js
#include "asset.h"
#define ASSET widgets/plot.js
#include "asset.h"
#define ASSET widgets/scale.js
#include "asset.h"
#define ASSET widgets/secret.js
#include "asset.h"
#define ASSET widgets/slider.js
#include "asset.h"
#define ASSET widgets/sparkline.js
#include "asset.h"
#define ASSET widgets/states.js
#include "asset.h"
#define ASSET widgets/table.js
#include "asset.h"
#define ASSET widgets/tabs.js
#include "asset.h"
#define ASSET widgets/toast.js
#include "asset.h"
