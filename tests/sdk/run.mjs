// Drives the published client, unmodified, through every catalog operation of a sandbox:
//
//     npm ci --prefix tests/sdk
//     node tests/sdk/run.mjs http://127.0.0.1:PORT/api/v1
//
// The client has no option for its base URL, so `fetch` is replaced to lead https://commet.co to the sandbox.
import assert from "node:assert/strict";
import { API_VERSION, Commet, CommetAPIError, CommetValidationError, SDK_VERSION } from "@commet/node";

const sandbox = process.argv[2];
if (!sandbox) {
  console.error("usage: node run.mjs http://127.0.0.1:PORT/api/v1");
  process.exit(3);
}

const origin = new URL(sandbox).origin;
const seen = [];
const realFetch = globalThis.fetch;
// Set to make the next answer get lost after it has been given.
let loseNextAnswer = false;
globalThis.fetch = async (input, init = {}) => {
  const url = new URL(String(input));
  assert.equal(url.origin, "https://commet.co");
  const headers = new Headers(init.headers);
  const answer = await realFetch(origin + url.pathname + url.search, init);
  seen.push({
    method: init.method,
    path: url.pathname + url.search,
    key: headers.get("idempotency-key"),
    version: headers.get("commet-version"),
    requestId: answer.headers.get("x-request-id"),
    status: answer.status,
  });
  if (loseNextAnswer) {
    loseNextAnswer = false;
    throw new TypeError("fetch failed");
  }
  return answer;
};

let checks = 0;
function check(actual, expected, message) {
  assert.deepEqual(actual, expected, message);
  checks += 1;
}
function checkThat(truth, message) {
  assert.ok(truth, message);
  checks += 1;
}
function checkShape(object, like, message) {
  for (const [field, value] of Object.entries(like)) check(object[field], value, `${message}.${field}`);
}
async function refused(promise, code, statusCode) {
  const error = await promise.then(() => null, (error) => error);
  checkThat(error instanceof CommetAPIError, `${code}: expected a CommetAPIError, got ${error}`);
  check([error.code, error.statusCode], [code, statusCode]);
  checkThat(error.type && error.message && error.docUrl, `${code}: type, message and docUrl`);
}
async function invalid(promise, fields) {
  const error = await promise.then(() => null, (error) => error);
  checkThat(error instanceof CommetValidationError, `expected a CommetValidationError, got ${error}`);
  check(Object.keys(error.validationErrors), fields);
}
const data = (answer) => {
  checkThat(answer.success === true, "success");
  return answer.data;
};

const commet = new Commet({ apiKey: "ck_sandbox_published_client" });
check(SDK_VERSION, "7.10.0");
check(API_VERSION, "2026-07-11");

// Features
const calls = data(await commet.features.create({ name: "API calls", code: "api_calls", type: "usage", unitName: "call" }));
checkShape(calls, { code: "api_calls", type: "usage", unitName: "call", description: null, object: "feature", livemode: false }, "feature");
checkThat(/^ftr_/.test(calls.id) && !Number.isNaN(Date.parse(calls.createdAt)));
const sso = data(await commet.features.create({ name: "SSO", code: "sso", type: "boolean", description: "Log in once" }));
const seats = data(await commet.features.create({ name: "Seats", code: "seats", type: "seats" }));
const quota = data(await commet.features.create({ name: "Projects", code: "projects", type: "quota" }));
check(data(await commet.features.list()).map((one) => one.code).sort(), ["api_calls", "projects", "seats", "sso"]);
check(data(await commet.features.get({ code: "api_calls" })), calls);
checkShape(data(await commet.features.update({ code: "sso", name: "Single sign-on", description: null })), { name: "Single sign-on", description: null }, "update");
check(data(await commet.features.delete({ code: "projects" })), { id: quota.id, deleted: true, object: "feature", livemode: false });
await refused(commet.features.get({ code: "projects" }), "feature_not_found", 404);
await refused(commet.features.create({ name: "Other", code: "sso", type: "boolean" }), "feature_already_exists", 409);
await invalid(commet.features.create({ name: "", code: "No", type: "metered" }), ["name", "code", "type"]);
await invalid(commet.features.update({ code: "sso" }), [""]);

// Plan groups
const group = data(await commet.planGroups.create({ name: "SaaS", description: "Tiers", isPublic: true }));
checkShape(group, { name: "SaaS", description: "Tiers", isPublic: true, object: "plan_group" }, "group");
checkShape(data(await commet.planGroups.update({ id: group.id, name: "SaaS plans", description: null })), { name: "SaaS plans", description: null }, "group");

// Plans
const pro = data(await commet.plans.create({
  name: "Pro", code: "pro", description: "For teams", consumptionModel: "metered", planGroupId: group.id, metadata: { tier: 2 },
}));
checkShape(pro, {
  name: "Pro", code: "pro", consumptionModel: "metered", isPublic: true, isFree: false, isDefault: false, sortOrder: 0,
  planGroupId: group.id, metadata: { tier: 2 }, features: [], prices: [], exchangeRates: [], object: "plan", livemode: false,
}, "plan");
const starter = data(await commet.plans.create({ name: "Starter", code: "starter", consumptionModel: "metered" }));
const free = data(await commet.plans.create({ name: "Free", code: "free", isFree: true }));
check(data(await commet.plans.get({ id: "pro" })), pro);
check(data(await commet.plans.get({ id: pro.id })), pro);
checkShape(data(await commet.plans.update({ id: pro.id, name: "Pro plan", description: null, metadata: { b: 1 } })), { name: "Pro plan", description: null, metadata: { b: 1 } }, "plan");
check(data(await commet.plans.setVisibility({ id: starter.id, isPublic: false })), { id: starter.id, isPublic: false, object: "plan", livemode: false });
check(data(await commet.plans.list()).map((one) => one.code).sort(), ["free", "pro"]);
check(data(await commet.plans.list({ includePrivate: "true" })).map((one) => one.code).sort(), ["free", "pro", "starter"]);
await refused(commet.plans.create({ name: "Other", code: "pro" }), "duplicate", 409);
await refused(commet.plans.create({ name: "X", code: "x", planGroupId: "plg_no" }), "plan_group_not_found", 404);
await refused(commet.plans.get({ id: "nothing" }), "plan_not_found", 404);
await refused(commet.plans.update({ id: "pro", name: "by code" }), "plan_not_found", 404);

// Prices
const monthly = data(await commet.plans.addPrice({ id: pro.id, billingInterval: "monthly", price: 4900, trialDays: 14, isDefault: true }));
checkShape(monthly, { planId: pro.id, billingInterval: "monthly", price: 4900, trialDays: 14, isDefault: true, introOffer: null, object: "plan" }, "price");
checkThat(/^pp_/.test(monthly.id));
const introOffer = { enabled: true, discountType: "percentage", discountValue: 2000, durationCycles: 3 };
const yearly = data(await commet.plans.addPrice({ id: pro.id, billingInterval: "yearly", price: 49000, introOffer }));
check(yearly.introOffer, introOffer);
checkShape(data(await commet.plans.updatePrice({ id: pro.id, priceId: monthly.id, price: 5900, trialDays: 7 })), { id: monthly.id, price: 5900, trialDays: 7 }, "price");
check(data(await commet.plans.setDefaultPrice({ id: pro.id, priceId: yearly.id })), { id: yearly.id, isDefault: true, object: "plan", livemode: false });
const priced = data(await commet.plans.get({ id: pro.id }));
check(priced.prices.filter((one) => one.isDefault).map((one) => one.billingInterval), ["yearly"]);
checkThat(priced.prices.every((one) => !("id" in one)), "plan reads carry no price ids");
await refused(commet.plans.addPrice({ id: pro.id, billingInterval: "monthly", price: 1 }), "duplicate", 409);
await refused(commet.plans.updatePrice({ id: starter.id, priceId: monthly.id, price: 1 }), "price_not_found", 404);
await invalid(commet.plans.addPrice({ id: free.id, billingInterval: "monthly", price: 1 }), ["price"]);
await invalid(commet.plans.addPrice({ id: pro.id, billingInterval: "weekly", price: -1 }), ["price"]);

// Plan features
const attached = data(await commet.plans.addFeature({ id: pro.id, featureId: calls.id, includedAmount: 10000, overage: { enabled: true, unitPrice: 100 } }));
checkShape(attached, {
  planId: pro.id, featureId: calls.id, enabled: true, includedAmount: 10000, unlimited: false, creditsPerUnit: null,
  overage: { enabled: true, unitPrice: 100 }, pricingMode: "fixed", margin: null, object: "plan",
}, "plan feature");
data(await commet.plans.addFeature({ id: pro.id, featureId: sso.id }));
data(await commet.plans.addFeature({ id: pro.id, featureId: seats.id, unlimited: true }));
checkShape(data(await commet.plans.updateFeature({ id: pro.id, featureId: calls.id, includedAmount: 20000, overage: { unitPrice: 90 } })), { includedAmount: 20000, overage: { enabled: true, unitPrice: 90 } }, "plan feature");
await refused(commet.plans.addFeature({ id: pro.id, featureId: calls.id }), "duplicate", 409);
await refused(commet.plans.addFeature({ id: pro.id, featureId: "nothing" }), "feature_not_found", 404);
await refused(commet.features.delete({ code: "api_calls" }), "feature_in_use", 409);
await invalid(commet.plans.updateFeature({ id: pro.id, featureId: seats.id, includedAmount: 5 }), ["includedAmount"]);

// Regional prices
const overrides = [{ currency: "brl", price: 29900 }, { currency: "eur", price: 5500, includedBalance: 100 }];
check(data(await commet.plans.setRegionalPrices({ id: pro.id, priceId: monthly.id, overrides })), { priceId: monthly.id, overrides, object: "plan", livemode: false });
check(data(await commet.plans.setRegionalPricing({ id: pro.id, currency: "jpy", exchangeRate: 150.5 })), {
  planId: pro.id, currency: "jpy", exchangeRate: 150.5, pricesConfigured: 2, featuresConfigured: 1, object: "plan", livemode: false,
});
data(await commet.plans.setRegionalPricing({
  id: pro.id, currency: "brl", exchangeRate: 5.2, prices: [{ priceId: monthly.id, price: 27900 }],
  features: [{ featureId: calls.id, overageUnitPrice: 450 }],
  introOffers: [{ priceId: yearly.id, discountType: "percentage", discountValue: 1000, durationCycles: 1 }],
}));
const regional = data(await commet.plans.get({ id: pro.id }));
const rows = (list) => Object.fromEntries(list.map((row) => [row.currency, [row.price ?? row.overageUnitPrice, row.autoSynced]]));
const price = (interval) => regional.prices.find((one) => one.billingInterval === interval);
check(rows(price("monthly").regionalPrices), { brl: [27900, false], eur: [5500, false], jpy: [8880, true] });
check(rows(price("yearly").regionalPrices), { brl: [254800, true], jpy: [73745, true] });
check(rows(regional.features.find((one) => one.code === "api_calls").regionalPrices), { brl: [450, false], jpy: [13545, true] });
check(Object.fromEntries(regional.exchangeRates.map((one) => [one.currency, one.exchangeRate])), { brl: 5.2, jpy: 150.5 });
check(data(await commet.plans.deleteRegionalPrices({ id: pro.id, priceId: monthly.id })), { deleted: true, object: "plan", livemode: false });
await invalid(commet.plans.setRegionalPricing({ id: pro.id, currency: "xyz", exchangeRate: 0 }), ["currency", "exchangeRate"]);

// Membership and order
check(data(await commet.planGroups.addPlan({ id: group.id, planId: starter.id, sortOrder: 5 })), { success: true, object: "plan_group", livemode: false });
check(data(await commet.planGroups.reorderPlans({ id: group.id, planIds: [starter.id, pro.id] })), { reordered: true, object: "plan_group", livemode: false });
check(data(await commet.planGroups.get({ id: group.id })).plans, [
  { id: starter.id, name: "Starter", sortOrder: 0 },
  { id: pro.id, name: "Pro plan", sortOrder: 1 },
]);
await invalid(commet.planGroups.reorderPlans({ id: group.id, planIds: [pro.id] }), ["planIds"]);
check(data(await commet.planGroups.removePlan({ id: group.id, planId: starter.id })), { id: starter.id, removed: true, object: "plan_group", livemode: false });

// Pages
for (let number = 0; number < 6; number += 1) await commet.planGroups.create({ name: `Group ${number}` });
const first = await commet.planGroups.list({ limit: 3 });
check([first.data.length, first.hasMore, typeof first.nextCursor], [3, true, "string"]);
const ids = new Set(first.data.map((one) => one.id));
for (let page = first; page.hasMore; ) {
  page = await commet.planGroups.list({ limit: 3, cursor: page.nextCursor });
  page.data.forEach((one) => ids.add(one.id));
}
check(ids.size, 7);
await invalid(commet.planGroups.list({ limit: 101 }), ["limit"]);

// Add-ons and subscribers
const sms = data(await commet.features.create({ name: "SMS", code: "sms", type: "usage" }));
const addon = data(await commet.addons.create({ name: "SMS Pack", basePrice: 1500, featureId: "sms", consumptionModel: "metered", includedUnits: 1000, overageRate: 300 }));
checkShape(addon, { slug: "sms-pack", featureCode: "sms", featureName: "SMS", includedUnits: 1000, overageRate: 300, creditCost: null, object: "addon" }, "addon");
check(data(await commet.addons.get({ id: addon.id })), addon);
check(data(await commet.addons.get({ id: "sms-pack" })), addon);
const addons = await commet.addons.list({ limit: 100 });
check([addons.data.length, addons.hasMore], [1, false]);
checkShape(data(await commet.addons.update({ id: addon.id, basePrice: 1600, description: "More" })), { basePrice: 1600, description: "More" }, "addon");
await refused(commet.addons.create({ name: "Twice", basePrice: 1, featureId: sms.id, consumptionModel: "boolean" }), "feature_already_exists", 409);
await invalid(commet.addons.create({ name: "X", basePrice: 1, featureId: "sso", consumptionModel: "metered" }), ["includedUnits", "overageRate"]);
const customer = data(await commet.customers.create({ email: "ada@example.com", externalId: "user_1" }));
const subscription = data(await commet.subscriptions.create({ customerId: customer.id, planCode: "pro", billingInterval: "monthly" }));
checkShape(subscription, { customerId: customer.id, status: "trialing", billingInterval: "monthly", object: "subscription" }, "subscription");
checkShape(data(await commet.subscriptions.activateAddon({ id: subscription.id, addonId: addon.id })), { addonId: addon.id, status: "active", proratedCharge: 1600 }, "activation");
check(data(await commet.addons.listActive({ customerId: "user_1" })).map((one) => one.slug), ["sms-pack"]);
await refused(commet.addons.delete({ id: addon.id }), "addon_has_activations", 409);
checkShape(data(await commet.subscriptions.deactivateAddon({ id: subscription.id, addonId: addon.id })), { id: addon.id, status: "inactive" }, "deactivation");
check(data(await commet.addons.delete({ id: addon.id })), { id: addon.id, deleted: true, object: "addon", livemode: false });

// Credit packs and promo codes
const pack = data(await commet.creditPacks.create({ name: "500 credits", credits: 500, price: 4900 }));
check(data(await commet.creditPacks.list()).map((one) => one.name), ["500 credits"]);
checkShape(data(await commet.creditPacks.update({ id: pack.id, isActive: false })), { isActive: false }, "pack");
data(await commet.creditPacks.delete({ id: pack.id }));
const promo = data(await commet.promoCodes.create({ code: "launch50", discountType: "percentage", discountValue: 5000, planIds: [pro.id] }));
check(promo.code, "LAUNCH50");
check(data(await commet.promoCodes.get({ id: promo.id })), promo);
check((await commet.promoCodes.list()).data.length, 1);
checkShape(data(await commet.promoCodes.update({ id: promo.id, active: false })), { isActive: false }, "promo code");

// Idempotency: by itself when an answer gets lost, and by hand
loseNextAnswer = true;
const lost = data(await commet.plans.create({ name: "Lost", code: "lost" }));
const [once, twice] = seen.slice(-2);
check([once.path, once.key, once.status], [twice.path, twice.key, twice.status]);
checkThat(/^commet-node-retry-/.test(once.key) && once.requestId !== twice.requestId);
check(data(await commet.plans.list()).filter((one) => one.code === "lost").map((one) => one.id), [lost.id]);
const options = { idempotencyKey: "by-hand" };
const byHand = data(await commet.plans.create({ name: "Hand", code: "hand" }, options));
check(data(await commet.plans.create({ name: "Hand", code: "hand" }, options)), byHand);
await refused(commet.plans.create({ name: "Hand", code: "other" }, options), "idempotency_key_mismatch", 409);

// Taking everything down again
check(data(await commet.plans.removeFeature({ id: pro.id, featureId: calls.id })), { id: calls.id, removed: true, object: "plan", livemode: false });
check(data(await commet.plans.deletePrice({ id: pro.id, priceId: monthly.id })), { id: monthly.id, deleted: true, object: "plan", livemode: false });
check(data(await commet.planGroups.delete({ id: group.id })), { id: group.id, deleted: true, object: "plan_group", livemode: false });
check(data(await commet.plans.get({ id: pro.id })).planGroupId, null);
for (const plan of [pro, starter, free, lost, byHand]) check(data(await commet.plans.delete({ id: plan.id })).deleted, true);
check(data(await commet.plans.list({ includePrivate: "true" })), []);
for (const code of ["api_calls", "sso", "seats", "sms"]) check(data(await commet.features.delete({ code })).deleted, true);

// Keys
await refused(new Commet({ apiKey: "ck_sandbox_another" }).plans.list(), "unauthorized", 401);
checkThat(seen.every((one) => one.version === "2026-07-11" && /^req_/.test(one.requestId)));
check(new Set(seen.map((one) => one.requestId)).size, seen.length);
console.log(`${checks} checks passed`);
