// Campaigns, Canvases, and the audiences of their launches.
export default {};
