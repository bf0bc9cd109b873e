// Partner integrations: partners, their keys, what arrived.
export default {
};
